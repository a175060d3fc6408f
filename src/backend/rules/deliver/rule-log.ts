/**
 * A record that a plugin writes, as a request of its own.
 */
import type { Attributes } from '../../../model/any-value.ts'
import { wallMillis } from '../../../diag/clock.ts'
import { OtlpEncoder } from '../../../model/otlp-encode.ts'
import { REQUEST, RESOURCE, RESOURCE_ITEMS, SCOPE, SCOPE_ITEMS } from '../../../model/otlp-schema.ts'
import { ProtoWriter } from '../../../model/proto-writer.ts'
import { recordOfText } from '../../../model/log-record.ts'
import { ATTR_SERVICE_NAME } from '../../../model/semconv.ts'
import { SEVERITY_INFO } from '../../../model/severity.ts'
import { RULE_SCOPE } from '../judge.ts'
import { MessageParts } from '../message-parts.ts'

export interface RuleLog {
  readonly rule: string
  readonly message: string
  readonly attributes: Attributes
}

/** An ExportLogsServiceRequest; `undefined`: it cannot be written. */
export function encodeRuleLog({ rule, message, attributes }: RuleLog): Uint8Array | undefined {
  const encoder = new OtlpEncoder({ chunkBytes: 1024 })
  const record = {
    ...recordOfText(message, BigInt(wallMillis()) * 1_000_000n),
    severityNumber: SEVERITY_INFO,
    severityText: 'info',
    attributes: { ...attributes, 'tracelog.rule.name': rule },
  }
  if (encoder.appendLog(record) === 0) return undefined
  const scope = fields((writer) => writer.textField(SCOPE.name, RULE_SCOPE))
  const resource = fields((writer) => writer.attribute(RESOURCE.attributes, ATTR_SERVICE_NAME, 'tracelog'))
  const items = new MessageParts()
  items.addMessage(SCOPE_ITEMS.scope, scope)
  items.add(encoder.take())
  const resourceItems = new MessageParts()
  resourceItems.addMessage(RESOURCE_ITEMS.resource, resource)
  resourceItems.addMessage(RESOURCE_ITEMS.scopes, items)
  const request = new MessageParts()
  request.addMessage(REQUEST.resources, resourceItems)
  return request.join()
}

function fields(write: (writer: ProtoWriter) => void): MessageParts {
  const writer = new ProtoWriter(64)
  write(writer)
  const parts = new MessageParts()
  parts.add(writer.bytes.subarray(0, writer.pos))
  return parts
}
