/**
 * Does a key end in one of the table's words, and of which kind is the secret then?
 *
 * Looked up in a table of spellings. One regular expression for each kind said the same, but took 20 ms of every start to compile.
 */
import { SAME_SECRET, SECRET_WORDS, type SecretKind, type SecretWord } from './secret-words.ts'

interface Word {
  readonly kind: SecretKind
  readonly at: SecretWord['at']
  /** Words of one kind and place are a group; where several fit, the first group counts. */
  readonly group: number
}

interface Table {
  /** By each spelling of a word: its parts joined or with underscores between them. */
  readonly words: ReadonlyMap<string, Word>
  readonly lengths: readonly number[]
}

/** Made for the first key that is looked at. */
let table: Table | undefined

function createTable(): Table {
  const words = new Map<string, Word>()
  const groups: string[] = []
  for (const { word, kind, at } of SECRET_WORDS) {
    const name = `${kind} ${at}`
    if (!groups.includes(name)) groups.push(name)
    const group = groups.indexOf(name)
    for (const spelling of spellingsOf(word)) {
      const known = words.get(spelling)
      if (known === undefined || known.group > group) words.set(spelling, { kind, at, group })
    }
  }
  return { words, lengths: [...new Set(Array.from(words.keys(), (word) => word.length))] }
}

/** `api key` -> `apikey`, `api_key`. */
function spellingsOf(word: string): readonly string[] {
  const [first = '', ...rest] = word.split(' ')
  return rest.reduce((heads, part) => heads.flatMap((head) => [head + part, `${head}_${part}`]), [first])
}

/**
 * @param whole  the key in snake_case
 * @param last  its last part, for words that stand alone
 */
export function kindOfWords(whole: string, last: string, isInQuery: boolean): SecretKind | undefined {
  const found = wordAtEnd(whole, isInQuery, false)
  const alone = last === whole ? undefined : wordAtEnd(last, isInQuery, true)
  if (found === undefined || alone === undefined) return (found ?? alone)?.kind
  return found.group <= alone.group ? found.kind : alone.kind
}

function wordAtEnd(key: string, isInQuery: boolean, isAlone: boolean): Word | undefined {
  const { words, lengths } = (table ??= createTable())
  let best: Word | undefined
  for (const end of endsOf(key)) {
    for (const length of lengths) {
      if (length > end) continue
      const word = words.get(key.slice(end - length, end))
      if (word === undefined || (best !== undefined && best.group <= word.group)) continue
      if (isPlaced(word, key, end, end - length) && (isInQuery || word.at !== 'query')) {
        if (!isAlone || word.at === 'whole' || word.at === 'query') best = word
      }
    }
  }
  return best
}

function isPlaced({ at }: Word, key: string, end: number, start: number): boolean {
  if (at === 'end') return true
  if (at === 'word') return start === 0 || key[start - 1] === '_'
  return start === 0 && (at === 'whole' || end === key.length)
}

/** Where the word may end: before a number, and before at most two words that leave it the same secret. */
function endsOf(key: string): ReadonlySet<number> {
  const ends = new Set([key.length])
  for (let digits = 1; digits <= 3 && isDigit(key, key.length - digits); digits++) {
    ends.add(withoutBlank(key, key.length - digits))
  }
  let latest = [...ends]
  for (let taken = 0; taken < 2; taken++) {
    latest = latest.flatMap((end) =>
      SAME_SECRET.filter((word) => key.endsWith(word, end)).map((word) => withoutBlank(key, end - word.length)),
    )
    for (const end of latest) ends.add(end)
  }
  return ends
}

function withoutBlank(key: string, end: number): number {
  return key[end - 1] === '_' ? end - 1 : end
}

function isDigit(key: string, at: number): boolean {
  const code = key.charCodeAt(at)
  return code >= 48 && code <= 57
}
