/**
 * What a model wrote as Markdown, as a tree of allowed things: text, some elements, code. No HTML passes in
 * either direction: markup in the text is text, and the tree is drawn node by node. Links lead to http and
 * https alone, pictures are not shown. Pure.
 */
import MarkdownIt from 'markdown-it';

export const allowedTags = [
  ...(['p', 'h3', 'h4', 'h5', 'h6', 'ul', 'ol', 'li', 'blockquote', 'hr', 'br'] as const),
  ...(['em', 'strong', 'del', 'code', 'a'] as const),
  ...(['table', 'thead', 'tbody', 'tr', 'th', 'td'] as const),
] as const;
export type AllowedTag = (typeof allowedTags)[number];

export type MarkdownNode =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'code'; readonly languageId: string; readonly text: string }
  | {
      readonly kind: 'element';
      readonly tag: AllowedTag;
      /** Of links. */
      readonly href?: string;
      /** Of ordered lists. */
      readonly start?: number;
      readonly children: readonly MarkdownNode[];
    };

const markdown = new MarkdownIt({ html: false, linkify: false, breaks: false });
markdown.disable('image');
markdown.validateLink = isFollowed;
type Token = ReturnType<typeof markdown.parse>[number];

/** Elements deeper than this are text: nobody reads them, and each costs a call. */
const deepest = 20;
const deepestBlock = 60;

export function parseMarkdown(text: string): MarkdownNode[] {
  const tokens = markdown.parse(text, {});
  // The library leaves out what lies deeper than it goes.
  if (tokens.some(({ level }) => level >= deepestBlock))
    return [{ kind: 'code', languageId: '', text }];
  return children(tokens, 0, 0)[0];
}

export function isFollowed(url: string): boolean {
  return /^https?:\/\/[^\s\\]+$/i.test(url.trim());
}

const tags: Readonly<Record<string, AllowedTag>> = {
  ...{ paragraph: 'p', bullet_list: 'ul', ordered_list: 'ol', list_item: 'li' },
  ...{ blockquote: 'blockquote', em: 'em', strong: 'strong', s: 'del', link: 'a' },
  ...{ table: 'table', thead: 'thead', tbody: 'tbody', tr: 'tr', th: 'th', td: 'td' },
};

/** The nodes from `from` on up to the end of their parent, and where that is. */
function children(tokens: readonly Token[], from: number, depth: number): [MarkdownNode[], number] {
  const nodes: MarkdownNode[] = [];
  let at = from;
  while (at < tokens.length && tokens[at]!.nesting >= 0) {
    const token = tokens[at]!;
    if (token.nesting === 0) {
      nodes.push(...leaf(token, depth));
      at++;
      continue;
    }
    const [inner, end] = children(tokens, at + 1, depth + 1);
    at = end + 1;
    const tag = tagOf(token);
    // The paragraphs of a tight list are there in name only.
    if (token.hidden || tag === undefined || depth > deepest) nodes.push(...inner);
    else nodes.push({ kind: 'element', tag, ...extrasOf(token, tag), children: inner });
  }
  return [nodes, at];
}

function leaf(token: Token, depth: number): MarkdownNode[] {
  const { type, content } = token;
  const plain = (tag: AllowedTag, children: MarkdownNode[] = []): MarkdownNode[] => [
    { kind: 'element', tag, children },
  ];
  if (type === 'inline') return children(token.children ?? [], 0, depth)[0];
  if (type === 'fence' || type === 'code_block') {
    const languageId = /^[\w.+#-]{1,64}/.exec(token.info.trim())?.[0] ?? '';
    return [
      { kind: 'code', languageId: languageId.toLowerCase(), text: content.replace(/\n$/, '') },
    ];
  }
  if (type === 'code_inline') return plain('code', [{ kind: 'text', text: content }]);
  if (type === 'hr') return plain('hr');
  if (type === 'hardbreak') return plain('br');
  return [{ kind: 'text', text: type === 'softbreak' ? '\n' : content }];
}

/** Headings begin below those of the panel. */
function tagOf({ type, tag }: Token): AllowedTag | undefined {
  const name = type.replace(/_open$/, '');
  if (name !== 'heading') return Object.hasOwn(tags, name) ? tags[name] : undefined;
  return (['h3', 'h4', 'h5', 'h6'] as const)[Math.min(3, Math.max(0, Number(tag.slice(1)) - 1))];
}

function extrasOf(token: Token, tag: AllowedTag): { href?: string; start?: number } {
  if (tag === 'ol') {
    const start = Number(token.attrGet('start') ?? 1);
    return Number.isSafeInteger(start) ? { start } : {};
  }
  const href = String(token.attrGet('href') ?? '');
  return tag === 'a' && isFollowed(href) ? { href } : {};
}
