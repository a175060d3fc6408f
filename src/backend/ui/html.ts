/**
 * HTML as a tagged template in which everything is text unless it was made by the template itself.
 *
 * Log text, names and ids come from anywhere: there is no way to put a string into the page unescaped.
 */
import { visibleBlock } from '../../model/visible-text.ts'

/** Markup made by `html`. */
export class Markup {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

export type Content = Markup | string | number | undefined | readonly Content[]

/** Escapes every value that is not Markup; lists are joined, undefined is nothing. */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Markup {
  let text = strings[0] ?? ''
  for (const [index, value] of values.entries()) text += render(value) + (strings[index + 1] ?? '')
  return new Markup(text)
}

function render(value: Content): string {
  if (value === undefined) return ''
  if (value instanceof Markup) return value.text
  if (typeof value === 'string') return escape(value)
  if (typeof value === 'number') return String(value)
  return value.map(render).join('')
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escape(text: string): string {
  return visibleBlock(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
}
