/**
 * Marks what is sent on, so that two backends that send to each other do not do so for ever.
 */
import type { Attributes } from '../../../model/any-value.ts'
import { decodeLogsRequest, decodeTracesRequest } from '../../../model/otlp-decode.ts'
import { onlyAttributes } from '../../../model/otlp-decode-value.ts'
import { RESOURCE } from '../../../model/otlp-schema.ts'
import { ProtoReader } from '../../../model/proto-reader.ts'
import { ProtoWriter } from '../../../model/proto-writer.ts'
import { rewriteRequest } from '../rewrite-request.ts'
import type { DeliveryPart } from '../shape-request.ts'

/** How many backends have sent it on. */
export const ATTR_FORWARDED = 'tracelog.forwarded'
/** Source: spec, rules. */
const MAX_HOPS = 3

/** @returns the part as it is sent, and how many records were left out because they came through too many */
export function forwarded(part: DeliveryPart): { readonly part: DeliveryPart; readonly looped: number } {
  const isLooped = recordsBeyond(part)
  const looped = isLooped.filter(Boolean).length
  const bytes = rewriteRequest(part.bytes, {
    record: (index, record) => (isLooped[index] === true ? undefined : record),
    resource: marked,
  })
  return { part: { ...part, bytes, count: part.count - looped }, looped }
}

/** For each record, in the order of the request. */
function recordsBeyond({ signal, bytes }: DeliveryPart): boolean[] {
  const groups =
    signal === 'logs'
      ? decodeLogsRequest(bytes).map(({ resource, scopes }) => ({
          resource,
          items: scopes.flatMap(({ records }) => records),
        }))
      : decodeTracesRequest(bytes).map(({ resource, scopes }) => ({
          resource,
          items: scopes.flatMap(({ spans }) => spans),
        }))
  return groups.flatMap(({ resource, items }) => items.map(() => hopsOf(resource.attributes) >= MAX_HOPS))
}

function hopsOf(attributes: Attributes): number {
  const hops = attributes[ATTR_FORWARDED]
  return typeof hops === 'number' && hops > 0 ? hops : 0
}

/** The last of equal keys counts: what is written behind all others stands for the one before. */
function marked(resource: Uint8Array): Uint8Array {
  const hops = hopsOf(onlyAttributes(new ProtoReader(resource), RESOURCE.attributes))
  const writer = new ProtoWriter(64)
  writer.attribute(RESOURCE.attributes, ATTR_FORWARDED, hops + 1)
  return Buffer.concat([resource, writer.bytes.subarray(0, writer.pos)])
}
