/**
 * What is copied of a request: the plain text that the terminal prints, Markdown, a link.
 */
import { signal } from '@preact/signals'

import type { TraceTree } from '../../../model/api.ts'
import { markdownOfTrace } from '../../../tree/text/markdown.ts'
import { textOfTrace } from '../../../tree/text/render-trace.ts'

/** `copied as text`, said once; `''`: nothing to say. */
export const said = signal('')

/** Byte for byte what `tracelog trace` prints into a pipe. */
export function copyText(tree: TraceTree): void {
  copyAs(textOfTrace(tree), 'as text')
}

export function copyMarkdown(tree: TraceTree): void {
  copyAs(markdownOfTrace(tree, linkTo(tree)), 'as Markdown')
}

/** @param row  the row that the reader is at */
export function copyLink(tree: TraceTree, row?: string): void {
  copyAs(linkTo(tree, row), 'a link')
}

/** With when it began, so that a trace that is gone by then can be explained. No token is ever in it. */
export function linkTo(tree: TraceTree, row?: string): string {
  const params = new URLSearchParams({ ...(row === undefined ? {} : { row }), at: tree.started_at })
  return `${location.origin}/traces/${tree.trace_id}?${params.toString()}`
}

export function copyValue(value: string): void {
  copyAs(value, 'the value')
}

/** @param what  `as text`, `a link`: said when it is done */
export function copyAs(text: string, what: string): void {
  navigator.clipboard.writeText(text).then(
    () => say(`Copied ${what}.`),
    () => say('The browser does not let the page copy.'),
  )
}

let timer: ReturnType<typeof setTimeout> | undefined

/** How long it stands. Milliseconds. */
const SAID_MILLIS = 4_000

function say(text: string): void {
  clearTimeout(timer)
  said.value = text
  timer = setTimeout(() => {
    said.value = ''
  }, SAID_MILLIS)
}
