/**
 * Into which ranges are numbers put, when there are too many values to list each?
 *
 * Steps of 1, 2 or 5 times a power of ten where the largest is of the smallest one's size; powers of ten where it is not, as with
 * durations: most are short, and the few long ones are what is looked for.
 */

/** Ranges at most. */
const RANGES = 8
/** Powers of ten that are tried: the second is wide enough, but for numbers that no double holds. */
const TRIES = 4
/** From how many times the smallest on, powers of ten tell more than steps. */
const WIDE = 50

/** Bounds, ascending: each two neighbours are a range, the first included and the second excluded. @param least,most  finite, `least <= most` */
export function rangeBounds(least: number, most: number): number[] {
  const isWide = least >= 0 && most > WIDE * Math.max(least, most / 1e6)
  return isWide ? powerBounds(least, most) : stepBounds(least, most)
}

/** The largest powers of ten, and 0 where something is smaller than all of them. */
function powerBounds(least: number, most: number): number[] {
  let top = Math.floor(Math.log10(most))
  while (tenTo(top) <= most) top++
  const powers = [top]
  while (powers.length < RANGES && tenTo(powers[0] as number) > least) powers.unshift((powers[0] as number) - 1)
  const bounds = powers.map(tenTo)
  return (bounds[0] as number) > least ? [0, ...bounds] : bounds
}

function stepBounds(least: number, most: number): number[] {
  const size = Math.max(most / 2 - least / 2, Math.abs(most) * 1e-9, 1e-300)
  const start = Math.floor(Math.log10(size)) - 1
  for (let power = start; power < start + TRIES; power++) {
    for (const factor of [1, 2, 5]) {
      const first = Math.floor(least / tenTo(power) / factor)
      const count = Math.floor(most / tenTo(power) / factor) - first + 1
      if (!(count <= RANGES)) continue
      const bounds = Array.from({ length: count + 1 }, (_, i) => timesTenTo((first + i) * factor, power))
      if ((bounds[0] as number) <= least && (bounds.at(-1) as number) > most) return bounds
    }
  }
  // Numbers at the ends of what a double holds.
  return [-Infinity, Infinity]
}

function tenTo(power: number): number {
  return timesTenTo(1, power)
}

/** As one writes it: 0.3 and not 0.30000000000000004. */
function timesTenTo(value: number, power: number): number {
  return Number(`${value}e${power}`)
}
