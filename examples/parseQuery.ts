/** The fields of a URL's query: `?page=2&sort=name` gives page "2" and sort "name". */
export function parseQuery(query: string): Map<string, string> {
  const fields = new Map<string, string>();
  const text = query.startsWith('?') ? query.slice(1) : query;
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    const [name, value = ''] = pair.split('=');
    <fill>
  }
  return fields;
}
