import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { createLogLines } from '../../src/tree/text/log-line.ts'
import { PLAIN_PAINT } from '../../src/tree/text/paint.ts'
import { ATTRIBUTE_BY_FLAT_KEY, FIELD_KEYS, RESOURCE_KEYS } from '../../src/model/flat-keys.ts'
import { parseFlatLine } from '../../src/model/flat-line-read.ts'
import { toFlatLine } from '../../src/model/flat-line.ts'
import type { LogRecord } from '../../src/model/log-record.ts'
import { rowId, toLogRow } from '../../src/model/log-row.ts'
import { shownFields } from '../../src/model/shown-fields.ts'

const RESOURCE = { attributes: { 'service.name': 'shop', 'service.version': '1.2.3', 'host.name': 'h' } }
const SCOPE = { name: 'winston', version: '3' }
const OURS = { 'tracelog.seq': 3, 'tracelog.elapsed_ms': 1.5, 'http.request.method': 'GET' }

function recordOf(attributes: LogRecord['attributes'], eventName = ''): LogRecord {
  return {
    timeUnixNano: 1_726_151_722_001_000_000n,
    observedTimeUnixNano: 1_726_151_722_001_000_001n,
    severityNumber: 9,
    severityText: 'info',
    eventName,
    body: 'job',
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    spanId: '00f067aa0ba902b7',
    traceFlags: 1,
    droppedAttributesCount: 0,
    attributes,
  }
}

function rowOf(attributes: LogRecord['attributes'], eventName = ''): ReturnType<typeof toLogRow> {
  const record = recordOf(attributes, eventName)
  return toLogRow({ id: '42', time: 1n, observed: 2n, record, resource: RESOURCE, service: 'shop', scope: SCOPE })
}

/** Fields of an application that have the names of ours, in part or whole. */
const FIELDS: readonly (readonly [LogRecord['attributes'], string])[] = [
  [{ id: 'JOB-7' }, 'id=JOB-7'],
  [{ _id: 'mongo' }, '_id=mongo'],
  [{ observed_ns: 5 }, 'observed_ns=5'],
  [{ server: { name: 'db-1' } }, 'server.name=db-1'],
  [{ client: { id: 7 } }, 'client.id=7'],
  [{ db: { table: 'orders' } }, 'db.table=orders'],
  [{ process: 'import' }, 'process=import'],
  [{ process: { pid: 7 } }, 'process.pid=7'],
  [{ code: { lineno: 7 } }, 'code.lineno=7'],
  [{ url: { path2: '/x' } }, 'url.path2=/x'],
  [{ 'server.address': 'db' }, 'server.address=db'],
  [{ service: 'mail' }, 'attr.service=mail'],
  [{ level: 'gold' }, 'attr.level=gold'],
  [{ seq: 9 }, 'attr.seq=9'],
  [{ component: 'cart' }, 'component=cart'],
  [{ timestamp: '1600000000000' }, 'attr.timestamp=1600000000000'],
  [{ 'service.version': 'theirs' }, 'attr.service.version=theirs'],
  [{ thread: { id: 3 }, os: 'linux', k8s: { pod: 'p' } }, 'thread.id=3 os=linux k8s.pod=p'],
  [{ 'attr.seq': 1, 'attr.x': 2 }, 'attr.seq=1 attr.x=2'],
]

describe('fields of the application', () => {
  test.each(FIELDS)('%j are shown as %s, before ours', (attributes, expected) => {
    const line = createLogLines({ paint: PLAIN_PAINT, columns: undefined }).line(rowOf({ ...OURS, ...attributes }))
    expect(line).toContain(`job  ${expected} method=GET`)
  })

  test('what describes the connection is hidden of hops alone', () => {
    const attributes = { 'server.address': 'db', 'network.protocol.version': '1.1', user: 7 }
    expect(shownFields(rowOf(attributes, 'tracelog.http.server.end'))).toEqual([['user', 7]])
    expect(shownFields(rowOf(attributes)).map(([name]) => name)).toEqual(Object.keys(attributes))
  })

  const name = fc.oneof(
    fc.constantFrom(
      ...FIELD_KEYS,
      ...ATTRIBUTE_BY_FLAT_KEY.keys(),
      ...RESOURCE_KEYS,
      '_id',
      '__id',
      'id',
      '_observed_ns',
    ),
    fc.constantFrom('server.name', 'client.id', 'db.table', 'attr.x', 'attr.seq', 'attr.attr.seq', 'constructor'),
    fc.string({ minLength: 1, maxLength: 12 }),
  )
  // Of our own attributes the flat line has another form; those of the conventions have short keys.
  const isTheirs = (key: string): boolean => !key.startsWith('tracelog.') && !key.startsWith('exception.')

  test('all of them are in the row and on the line, and survive the flat line', () => {
    fc.assert(
      fc.property(
        fc.dictionary(name.filter(isTheirs), fc.oneof(fc.integer(), fc.string(), fc.boolean()), { maxKeys: 8 }),
        (attributes) => {
          const row = rowOf({ ...OURS, ...attributes })
          expect(rowId(row)).toBe('42')
          const values = Object.values(attributes)
          const shown = shownFields(row).map(([, value]) => value)
          for (const value of values) expect(shown).toContainEqual(value)

          const line = toFlatLine(recordOf(attributes), RESOURCE, SCOPE)
          const read = parseFlatLine(line)!
          expect(read.record.attributes).toEqual(attributes)
          expect(toFlatLine(read.record, read.resource, read.scope)).toBe(line)
        },
      ),
      { numRuns: 1_000 },
    )
  })
})
