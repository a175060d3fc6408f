/**
 * The headers of an HTTP/2 request or response as Node hands them to nghttp2, edited: replaced, never appended.
 *
 *   list = [text, count]      text = (name NUL value NUL flags)*      flags = one character, NUL or "never index"
 */
import type { TextMapSetter } from '@opentelemetry/api'

import { mergeBaggage } from '../../context/baggage.ts'
import { BAGGAGE } from '../../context/propagation.ts'
import type { HeaderEdit } from './kept-grant.ts'

export type HeaderList = readonly [text: string, count: number]

interface Entry {
  readonly name: string
  readonly value: string
  /** As it stands in the text. */
  readonly whole: string
}

const NUL = '\0'

export class HeaderListEdit {
  readonly #given: HeaderList
  #entries: Entry[] | undefined

  constructor(list: HeaderList) {
    this.#given = list
  }

  values(name: string): readonly string[] {
    return this.#all()
      .filter((entry) => entry.name === name)
      .map(({ value }) => value)
  }

  remove(name: string): void {
    this.#entries = this.#all().filter((entry) => entry.name !== name)
  }

  set(name: string, value: string): void {
    this.remove(name)
    this.#all().push({ name, value, whole: `${name}${NUL}${value}${NUL}${NUL}` })
  }

  list(): HeaderList {
    const entries = this.#entries
    return entries === undefined ? this.#given : [entries.map(({ whole }) => whole).join(''), entries.length]
  }

  #all(): Entry[] {
    return (this.#entries ??= entriesOf(this.#given[0]))
  }
}

/** @throws for a text of another form */
export function withoutHeader(list: HeaderList, name: string): HeaderList {
  const edit = new HeaderListEdit(list)
  edit.remove(name)
  return edit.list()
}

/** @throws for a text of another form, which is left as it is */
function entriesOf(text: string): Entry[] {
  const entries: Entry[] = []
  for (let at = 0; at < text.length;) {
    const nameEnd = text.indexOf(NUL, at)
    const valueEnd = nameEnd < 0 ? -1 : text.indexOf(NUL, nameEnd + 1)
    // The flags are one character.
    const end = valueEnd + 2
    if (valueEnd < 0 || end > text.length) throw new Error('the headers of an HTTP/2 message have another form')
    entries.push({
      name: text.slice(at, nameEnd),
      value: text.slice(nameEnd + 1, valueEnd),
      whole: text.slice(at, end),
    })
    at = end
  }
  return entries
}

export const HEADER_LIST_SETTER: TextMapSetter<HeaderListEdit> = {
  set(edit, key, value) {
    const present = key === BAGGAGE ? edit.values(BAGGAGE).join(',') : ''
    edit.set(key, present === '' ? value : mergeBaggage(value, present))
  },
}

export const HEADER_LIST_EDIT: HeaderEdit<HeaderListEdit> = {
  values: (edit, name) => edit.values(name),
  remove: (edit, name) => edit.remove(name),
  set: (edit, name, value) => edit.set(name, value),
}
