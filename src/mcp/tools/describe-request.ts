/** The tool `describe_request`: what happened in one request, as the tree that page and terminal show, fitted to the budget. */
import type { TreeRow } from '../../model/api.ts'
import { PLAIN_PAINT } from '../../tree/text/paint.ts'
import { rankedTrace } from '../../tree/text/row-rank.ts'
import { foreignTree } from '../foreign-rows.ts'
import { QuestionError } from '../question-error.ts'
import type { Tool } from '../tool.ts'

export const describeRequestTool: Tool = {
  name: 'describe_request',
  description:
    'One request as a tree: spans, gaps, lines of all services in order. Letters T D I W E F are levels; "seen from … only": that service sent nothing.',
  arguments: {
    id: { type: 'string', isRequired: true, help: 'trace id, 8 characters suffice' },
    focus: { type: 'string', help: 'a span id, or text of rows to be shown first' },
  },
  needs: ['trace'],
  defaultBudget: 1_000,
  async answer({ source, given, pageOf, now }) {
    const id = given.text('id') ?? ''
    const found = await source.trace(id)
    if (found === undefined)
      throw new QuestionError(`no trace begins with ${JSON.stringify(id.slice(0, 40))}; requests() lists ids`)
    const tree = foreignTree(found)
    const focus = given.text('focus')
    const options = { paint: PLAIN_PAINT, columns: undefined, now: new Date(now()), isDense: true }
    const { head, rows, end } = rankedTrace(tree, options, focus === undefined ? undefined : inFocus(focus))
    const wanted = focus === undefined ? '' : `; ${rows.filter(({ rank }) => rank < 0).length} rows for the focus`
    return {
      head: `request ${tree.trace_id.slice(0, 8)}: ${tree.outcome}, ${rows.length} rows${wanted}`,
      notes: [...head.filter((line) => line !== ''), ...end.filter((line) => line !== '')],
      rows,
      objects: tree.rows,
      tail: ({ shown, folded }) =>
        folded === 0 && shown === rows.length
          ? `all ${rows.length} rows shown`
          : `shown ${shown} of ${rows.length} rows; the rest: describe_request(id, focus:"text or span id") or budget`,
      page: pageOf(`/traces/${tree.trace_id}`),
    }
  },
}

/** By the id of a span, else by text anywhere in the row. */
function inFocus(focus: string): (row: TreeRow) => boolean {
  const text = focus.toLowerCase()
  const isId = /^[\da-f]{8,16}$/.test(text)
  return ({ span_id: id = '', message = '', name = '', service = '', fields }) => {
    if (isId && id.startsWith(text)) return true
    return [message, name, service, JSON.stringify(fields ?? {})].some((part) => part.toLowerCase().includes(text))
  }
}
