/**
 * Colours of the terminal: a helper to the eye, never the only carrier of a meaning (levels have letters, errors have marks).
 */
import { WriteStream } from 'node:tty'

import type { Env } from '../config/env.ts'
import { PLAIN_PAINT, type Paint, type Tone } from '../tree/text/paint.ts'

/** Red and amber say how something ended; no service ever has them. */
const OUTCOME: Readonly<Record<Tone, string>> = { red: '31', amber: '33', green: '32', dim: '2', bold: '1' }

/** Of the 256-colour table: far apart, readable on light and dark, none near red or amber. */
const SERVICE_COLOURS = [33, 37, 133, 71, 63, 30, 97, 69, 169, 65, 38, 105].map((colour) => `38;5;${colour}`)
/** Of the 16 colours that every terminal has: blue, magenta, cyan, and the same in bright. */
const FEW_SERVICE_COLOURS = ['34', '35', '36', '94', '95', '96']

/** @param depth  bits of colour: 1 is none, 4 the sixteen of every terminal, 8 and more the table of 256 */
export function createPaint(depth: number): Paint {
  if (depth < 4) return PLAIN_PAINT
  const colours = depth < 8 ? FEW_SERVICE_COLOURS : SERVICE_COLOURS
  return {
    tone: (tone, text) => sequence(OUTCOME[tone], text),
    service: (name, text) => sequence(colours[hashOf(name) % colours.length]!, text),
  }
}

/**
 * Bits of colour that a stream may be given. `FORCE_COLOR` wins over everything, as in Node itself: 0 none, 1 sixteen, 2 256,
 * 3 all. Without it: none when piped or with `NO_COLOR`, else what Node knows of the terminal.
 */
export function colourDepthOf(isTerminal: boolean, env: Env): number {
  const { NO_COLOR: refused, ...others } = env
  const isForced = env['FORCE_COLOR'] !== undefined
  if (!isForced && (!isTerminal || (refused !== undefined && refused !== ''))) return 1
  // Node's own table of terminals and CI services. Without NO_COLOR: it would warn of two that contradict.
  return WriteStream.prototype.getColorDepth.call(undefined, others)
}

function sequence(code: string, text: string): string {
  return text === '' ? '' : `\x1b[${code}m${text}\x1b[0m`
}

/** FNV-1a, 32 bits. */
function hashOf(name: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
  return hash >>> 0
}
