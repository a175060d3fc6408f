/**
 * Which records are for a stream of returned lines alone, and are not kept? Those in which a service says what its unit prints, that it
 * has begun, and that it is over.
 *
 * Walks the request once and makes no object but for what it finds.
 */
import { OtlpDecodeError } from '../../model/otlp-data.ts'
import { LOG_RECORD, REQUEST, RESOURCE_ITEMS, SCOPE_ITEMS } from '../../model/otlp-schema.ts'
import { ProtoReader } from '../../model/proto-reader.ts'
import { EVENT_RETURN_BOUND, EVENT_RETURN_OUTPUT, EVENT_RETURN_OVER } from '../../model/semconv.ts'

const TOLD_EVENTS: ReadonlySet<string> = new Set([EVENT_RETURN_BOUND, EVENT_RETURN_OUTPUT, EVENT_RETURN_OVER])

/**
 * @param bytes  an ExportLogsServiceRequest that was checked
 * @returns where they begin: offset of the first byte inside
 */
export function toldRecords(bytes: Uint8Array): ReadonlySet<number> {
  const starts = new Set<number>()
  const reader = new ProtoReader(bytes)
  try {
    each(reader, REQUEST.resources, () =>
      each(reader, RESOURCE_ITEMS.scopes, () =>
        each(reader, SCOPE_ITEMS.items, () => {
          const start = reader.pos
          if (TOLD_EVENTS.has(eventOf(reader))) starts.add(start)
        }),
      ),
    )
  } catch (error) {
    // What is stored is the same bytes: who reads them there counts them as corrupt.
    if (!(error instanceof OtlpDecodeError)) throw error
  }
  return starts
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

function eventOf(reader: ProtoReader): string {
  let eventName = ''
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === LOG_RECORD.eventName) eventName = reader.key()
    else reader.skip(tag)
  }
  return eventName
}
