/**
 * Which records are for a stream of returned lines alone, and are not kept? Those in which a service says what its unit prints, that it
 * has begun, and that it is over.
 *
 * Walks the request once and makes no object but for what it finds.
 */
import { OtlpDecodeError } from '../../model/otlp-data.ts'
import { LOG_RECORD, REQUEST, RESOURCE_ITEMS, SCOPE, SCOPE_ITEMS } from '../../model/otlp-schema.ts'
import { ProtoReader } from '../../model/proto-reader.ts'
import { EVENT_RETURN_BOUND, EVENT_RETURN_OUTPUT, EVENT_RETURN_OVER, SCOPE_RETURN } from '../../model/semconv.ts'

const TOLD_EVENTS: ReadonlySet<string> = new Set([EVENT_RETURN_BOUND, EVENT_RETURN_OUTPUT, EVENT_RETURN_OVER])

/**
 * @param bytes  an ExportLogsServiceRequest that was checked
 * @returns where they begin: offset of the first byte inside
 */
export function toldRecords(bytes: Uint8Array): ReadonlySet<number> {
  const starts = new Set<number>()
  const reader = new ProtoReader(bytes)
  try {
    each(reader, REQUEST.resources, () => each(reader, RESOURCE_ITEMS.scopes, () => toldOfScope(reader, starts)))
  } catch (error) {
    // What is stored is the same bytes: who reads them there counts them as corrupt.
    if (!(error instanceof OtlpDecodeError)) throw error
  }
  return starts
}

/**
 * The event's name alone does not tell: loggers take it from what is logged, and so from what a client sends. The scope is the logger's.
 * Whoever writes a scope after its records has none of them taken out.
 */
function toldOfScope(reader: ProtoReader, starts: Set<number>): void {
  let isOurs = false
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    const isScope = tag === SCOPE_ITEMS.scope
    if (!isScope && (tag !== SCOPE_ITEMS.items || !isOurs)) {
      reader.skip(tag)
      continue
    }
    const outer = reader.enter()
    const start = reader.pos
    if (isScope) isOurs = textOf(reader, SCOPE.name) === SCOPE_RETURN
    else if (TOLD_EVENTS.has(textOf(reader, LOG_RECORD.eventName))) starts.add(start)
    reader.leave(outer)
  }
}

function each(reader: ProtoReader, wanted: number, visit: () => void): void {
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag !== wanted) reader.skip(tag)
    else {
      const outer = reader.enter()
      visit()
      reader.leave(outer)
    }
  }
}

/** The text under a tag of the message at hand; `''`: there is none. */
function textOf(reader: ProtoReader, wanted: number): string {
  let text = ''
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === wanted) text = reader.key()
    else reader.skip(tag)
  }
  return text
}
