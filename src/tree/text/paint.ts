/**
 * How a text says that a part of it has a tone: the renderers name tones, who shows the text has the colours (cli/colour.ts).
 */

/** Red and amber say how something ended. */
export type Tone = 'red' | 'amber' | 'green' | 'dim' | 'bold'

/** Puts colours on text; the plain one leaves it as it is. */
export interface Paint {
  tone(tone: Tone, text: string): string
  /** Always the same colour for the same service, on every machine. */
  service(name: string, text: string): string
}

export const PLAIN_PAINT: Paint = { tone: (_tone, text) => text, service: (_name, text) => text }

/** The tone of a level; `undefined` for the calm ones. */
export function toneOfLevel(level: string | undefined): Tone | undefined {
  if (level === 'ERROR' || level === 'FATAL') return 'red'
  if (level === 'WARN') return 'amber'
  return level === 'DEBUG' || level === 'TRACE' ? 'dim' : undefined
}
