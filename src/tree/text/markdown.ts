/**
 * A trace as Markdown, for a bug report or a model: what came of it, then the plain text as a block.
 */
import type { TraceTree } from '../../model/api.ts'
import { visibleLine } from '../../model/visible-text.ts'
import { textOfTrace } from './render-trace.ts'

/** @param address  of the page; left out when there is none */
export function markdownOfTrace(tree: TraceTree, address?: string): string {
  const text = textOfTrace(tree)
  // A block ends at as many marks as it began with: more than the text has in a row.
  const longest = (text.match(/`+/g) ?? []).reduce((most, marks) => Math.max(most, marks.length), 2)
  const fence = '`'.repeat(longest + 1)
  const link = address === undefined ? '' : `\n[trace ${tree.trace_id.slice(0, 8)}](${address})\n`
  return `**${escaped(visibleLine(tree.sentence))}**\n\n${fence}text\n${text}${fence}\n${link}`
}

function escaped(text: string): string {
  return text.replace(/[\\`*_[\]<>]/g, String.raw`\$&`)
}
