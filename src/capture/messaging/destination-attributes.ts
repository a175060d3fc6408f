/**
 * What spans and records say of where a message went to or came from.
 */
import type { AnyValue } from '../../model/any-value.ts'
import {
  ATTR_MESSAGING_DESTINATION_NAME,
  ATTR_MESSAGING_OPERATION_NAME,
  ATTR_MESSAGING_OPERATION_TYPE,
  ATTR_MESSAGING_SYSTEM,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
} from '../../model/semconv.ts'
import type { Destination } from './messaging-options.ts'

/** Of a span. */
export function destinationAttributes(
  destination: Destination,
  operation: 'send' | 'process',
): Record<string, AnyValue> {
  const { host, port } = destination
  const attributes = spokenDestination(destination)
  attributes[ATTR_MESSAGING_OPERATION_NAME] = operation
  attributes[ATTR_MESSAGING_OPERATION_TYPE] = operation
  if (host !== undefined && host !== '') attributes[ATTR_SERVER_ADDRESS] = host
  if (port !== undefined) attributes[ATTR_SERVER_PORT] = port
  return attributes
}

/** What a message that is handled is called: `process orders`. */
export function processNameOf({ name }: Destination): string {
  return `process ${name}`.trimEnd()
}

/** Of a completion record too. */
export function spokenDestination({ system, name }: Destination): Record<string, AnyValue> {
  const attributes: Record<string, AnyValue> = { [ATTR_MESSAGING_SYSTEM]: system }
  if (name !== '') attributes[ATTR_MESSAGING_DESTINATION_NAME] = name
  return attributes
}
