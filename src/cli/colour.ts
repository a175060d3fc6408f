/**
 * Colours of the terminal: a helper to the eye, never the only carrier of a meaning (levels have letters, errors have marks).
 */

/** Red and amber say how something ended; no service ever has them. */
const OUTCOME = { red: '31', amber: '33', green: '32', dim: '2', bold: '1' } as const
export type Tone = keyof typeof OUTCOME

/** Of the 256-colour table: far apart, readable on light and dark, none near red or amber. */
const SERVICE_COLOURS = [33, 37, 133, 71, 63, 30, 97, 69, 169, 65, 38, 105] as const

/** Puts colours on text; the plain one leaves it as it is. */
export interface Paint {
  tone(tone: Tone, text: string): string
  /** Always the same colour for the same service, on every machine. */
  service(name: string, text: string): string
}

export const PLAIN_PAINT: Paint = { tone: (_tone, text) => text, service: (_name, text) => text }

export function createPaint(hasColour: boolean): Paint {
  if (!hasColour) return PLAIN_PAINT
  return {
    tone: (tone, text) => sequence(OUTCOME[tone], text),
    service: (name, text) => sequence(`38;5;${SERVICE_COLOURS[hashOf(name) % SERVICE_COLOURS.length]}`, text),
  }
}

function sequence(code: string, text: string): string {
  return text === '' ? '' : `\x1b[${code}m${text}\x1b[0m`
}

/** The tone of a level; `undefined` for the calm ones. */
export function toneOfLevel(level: string | undefined): Tone | undefined {
  if (level === 'ERROR' || level === 'FATAL') return 'red'
  if (level === 'WARN') return 'amber'
  return level === 'DEBUG' || level === 'TRACE' ? 'dim' : undefined
}

/** FNV-1a, 32 bits. */
function hashOf(name: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
  return hash >>> 0
}
