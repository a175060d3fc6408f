/**
 * How many cells of a terminal a text takes, and how to cut, pad and wrap it by cells.
 *
 * Texts here are safe already (visible-text.ts) and uncoloured: colours are put on afterwards.
 */

/**
 * Two cells: Unicode 17's EastAsianWidth W and F as ICU measures it, unassigned gaps closed; emoji have a property of their own.
 * test/model/text-width.test.ts holds it against the ICU of the running Node, character by character.
 */
const WIDE =
  /[\u1100-\u115f\u2329\u232a\u2630-\u2637\u268a-\u268f\u2e80-\u303e\u3041-\u3247\u3250-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6b\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18df2}\u{1aff0}-\u{1b2fb}\u{1d300}-\u{1d376}\u{1f200}-\u{1f265}\u{20000}-\u{2fffd}\u{30000}-\u{3fffd}]|\p{Emoji_Presentation}/u
/** Two characters that are one grapheme and two cells: a picture by the selector behind it (`❤️`, `1️⃣`), a halfwidth sound mark. */
const PAIR = /\p{Emoji}\ufe0f|.[\uff9e\uff9f]/u
/** No cell: combining marks and joiners. */
const NONE = /^[\p{Mn}\p{Me}\u200c\u200d]+$/u
/** One look for the common case. */
const NARROW = /^[\x20-\x7e\u00a0-\u02ff\u2010-\u2027\u2030-\u205e\u2070-\u20cf\u2100-\u2319\u2500-\u25fc]*$/

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })

export function widthOf(text: string): number {
  if (NARROW.test(text)) return text.length
  let width = 0
  for (const { segment } of segmenter.segment(text)) width += cellsOf(segment)
  return width
}

/** A grapheme is drawn as one: a flag or a family of emoji takes two cells. */
function cellsOf(grapheme: string): number {
  if (WIDE.test(grapheme) || PAIR.test(grapheme)) return 2
  return NONE.test(grapheme) ? 0 : 1
}

/** At most `width` cells; what is cut is marked with `…`. */
export function fit(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  if (width <= 0) return ''
  return `${takeCells(text, width - 1)}…`
}

/** Exactly `width` cells, unless the text is longer. */
export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)))
}

export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - widthOf(text))) + text
}

function takeCells(text: string, width: number): string {
  let taken = ''
  let used = 0
  for (const { segment } of segmenter.segment(text)) {
    used += cellsOf(segment)
    if (used > width) break
    taken += segment
  }
  return taken
}

/** Lines of at most `width` cells, broken at blanks where there are any. At least one line. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let rest = text
  for (;;) {
    const head = takeCells(rest, width)
    if (head.length === rest.length) break
    // A break within the last third looks better than a full line with half a word; earlier ones waste the line.
    const blank = rest[head.length] === ' ' ? head.length : head.lastIndexOf(' ')
    const cut = blank > (head.length * 2) / 3 ? blank : Math.max(1, head.length)
    lines.push(rest.slice(0, cut).trimEnd())
    rest = rest.slice(cut).trimStart()
  }
  lines.push(rest)
  return lines
}
