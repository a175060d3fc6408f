/** One line of a load balancer's access log and the record that both readers must make of it. */
import type { AnyValue } from '../../../src/model/any-value.ts'
import type { AccessLogKind } from '../../../src/model/access-log/read-access-line.ts'

export interface AccessCase {
  readonly kind: AccessLogKind
  readonly name: string
  readonly line: string
  /** `undefined`: the line is no access line, and is kept as text. */
  readonly expected: ExpectedRecord | undefined
}

export interface ExpectedRecord {
  readonly timeUnixNano: bigint
  readonly traceId: string
  readonly spanId: string
  readonly traceFlags: number
  readonly severityText: 'INFO' | 'WARN' | 'ERROR'
  readonly body: string
  /** All of them. */
  readonly attributes: Readonly<Record<string, AnyValue>>
}

type Fields = Readonly<Record<string, unknown>>

interface Change {
  readonly name: string
  /** Over the base line; `undefined` leaves a field out. */
  readonly line: Fields
  readonly expected?: Partial<Omit<ExpectedRecord, 'attributes'>>
  /** Over the base record's; `undefined` leaves one out. */
  readonly attributes?: Readonly<Record<string, AnyValue | undefined>>
}

/** Cases that differ from a base in a few fields. */
export function casesOf(
  kind: AccessLogKind,
  base: { readonly name: string; readonly line: Fields; readonly expected: ExpectedRecord },
  changes: readonly Change[],
): readonly AccessCase[] {
  return [{ ...base, attributes: {} }, ...changes].map(({ name, line, expected = {}, attributes = {} }) => ({
    kind,
    name,
    line: JSON.stringify({ ...base.line, ...line }),
    expected: {
      ...base.expected,
      ...expected,
      attributes: defined({ ...base.expected.attributes, ...attributes }),
    },
  }))
}

/** Lines that are none of `kind`. */
export function plainCases(kind: AccessLogKind, lines: Readonly<Record<string, string>>): readonly AccessCase[] {
  return Object.entries(lines).map(([name, line]) => ({ kind, name, line, expected: undefined }))
}

/** No ids: the record of a request that could not be read. */
export const UNTRACED = { traceId: '', spanId: '', traceFlags: 0 } as const

function defined(attributes: Readonly<Record<string, AnyValue | undefined>>): Record<string, AnyValue> {
  return Object.fromEntries(
    Object.entries(attributes).filter((entry): entry is [string, AnyValue] => entry[1] !== undefined),
  )
}
