/**
 * The known text that a converted model is tried on: English and Python that every published model has
 * seen the like of. Also where a tokenizer that cannot be read is found before an hour of conversion.
 */
import type { TokenizerFiles } from '../model/tokenizerFiles';
import { createTokenizer } from '../tokenizer/tokenizer';

const text = `# The function returns the sum of the first and the second number.
def add(first, second):
    return first + second

# The days of the week are Monday, Tuesday, Wednesday, Thursday, Friday, Saturday and Sunday.
for i in range(10):
    if i % 2 == 0:
        print(i)
`;

/** Its ids, without a start token. @throws LacunaError for a tokenizer of no known kind. */
export function selfTestSnippet({ tokenizer, config }: TokenizerFiles): Int32Array {
  return createTokenizer(tokenizer, config).encode(text, 'start');
}
