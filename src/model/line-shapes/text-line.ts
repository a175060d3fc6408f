/**
 * Lines for people: a time, a level and a text, as log4j, logback, Spring, Python, nginx, PostgreSQL, env_logger and zap's console write.
 *
 * The level is a word of the first few; where it stands right behind the time, or first of all, the text is what follows. Else the
 * text keeps everything behind the time: nothing is lost.
 */
import { TIME_SOURCE, timeFields, timeOfText } from './line-time.ts'
import { levelOfNumber, severityOfWord, type Shape, type ShapedFields } from './shape.ts'

const TIMED = new RegExp(`^\\[?(${TIME_SOURCE})(\\]?)[\\s:|-]{0,8}`)
/** How far behind the time a level is looked for. Characters. */
const HEAD = 120
/** Longer ones stand deep in the text. Words. */
const MAX_WORDS = 5
/** Words that begin sentences are levels only in capitals, in brackets, or before a colon. */
const LEADING =
  /^(?:\[(trace|debug|info|notice|warn|warning|error|err|crit|critical|fatal|verbose|silly)\]:?|(trace|debug|info|notice|warn|warning|error|crit|critical|fatal|verbose|silly):|(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL)(?=[\s:])[:\s-]?)\s{0,8}/

/** Without colours: they belong to the terminal. */
// oxlint-disable-next-line no-control-regex -- a colour begins with one
const COLOUR = /\u001b\[[\d;]{0,16}m/g

export const readTextLine: Shape = (line) => {
  const plain = line.includes('\u001b[') ? line.replace(COLOUR, '') : line
  const timed = TIMED.exec(plain)
  if (timed === null) return leadingLevel(plain)
  const time = timeOfText(timed[1]!)
  if (time === undefined) return undefined
  return { ...timeFields(time), ...levelAndText(plain.slice(timed[0].length)) }
}

function leadingLevel(line: string): ShapedFields | undefined {
  const match = LEADING.exec(line.length > HEAD ? line.slice(0, HEAD) : line) ?? UPPER.exec(line.slice(0, HEAD))
  if (match === null) return undefined
  const word = match[1] ?? match[2] ?? match[3] ?? ''
  return { ...levelOfNumber(severityOfWord(word)!, word), message: line.slice(match[0].length) }
}

const UPPER = /^\[(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL)\]:?\s{0,8}/

/** A word with what stands around it: `[error]:`, `ERROR`, `ERROR:root:`, `-`. */
const WORD = /([[(]?)([A-Za-z]{1,12})([\])]?)(:?)(?=[\s\])|:-]|$)/g

function levelAndText(text: string): ShapedFields {
  const head = text.slice(0, HEAD)
  let words = 0
  for (const match of head.matchAll(WORD)) {
    if (++words > MAX_WORDS) break
    const [whole, open, word = '', close, colon] = match
    const isMarked = open !== '' || close !== '' || colon !== '' || match.index === 0
    const severity = word === word.toUpperCase() || isMarked ? severityOfWord(word) : undefined
    if (severity === undefined || word.length < 3) continue
    const rest = text.slice(match.index + whole.length)
    const isFirst = match.index === 0
    return { ...levelOfNumber(severity, word), message: isFirst ? rest.replace(/^[\s:|\])-]{1,8}/, '') : text }
  }
  return { message: text }
}
