/** A framework may bring a pino of its own: each copy is heard, one line after the other. */
import { afterAll, expect, test } from 'vitest'

import { createLogCollector } from '../../../support/log-sink.ts'
import { loadPino, pinoInstrumentation } from '../../../support/pino.ts'

const collector = createLogCollector()
const instrumentation = pinoInstrumentation(collector.records)
instrumentation.enable()
afterAll(() => instrumentation.disable())

test('three copies of two versions, in turns', () => {
  const lines: string[] = []
  const stream = { write: (line: string) => void lines.push(line) }
  const loggers = (['newest', 'newest', 'oldest'] as const).map((set) => loadPino(set)({}, stream))
  for (const turn of [1, 2]) for (const [index, logger] of loggers.entries()) logger['info']({ index }, `turn ${turn}`)
  expect(collector.logs.map(({ body, attributes, scope }) => [body, attributes, scope.version])).toEqual(
    [1, 2].flatMap((turn) =>
      ['10.4.0', '10.4.0', '8.0.0'].map((version, index) => [`turn ${turn}`, { index }, version]),
    ),
  )
  expect(lines).toHaveLength(6)
})

test('a logger and its children, in turns with another that serializes the same key', () => {
  collector.logs.length = 0
  const pino = loadPino('newest')
  const stream = { write: () => true }
  const plain = pino({}, stream)
  const serializing = pino({ serializers: { user: () => 'serialized' } }, stream)
  for (const logger of [plain, serializing, plain.child({ a: 1 }), serializing.child({ a: 1 }), plain]) {
    logger['info']({ user: 'plain' }, 'x')
  }
  expect(collector.logs.map(({ attributes }) => attributes)).toEqual([
    { user: 'plain' },
    { user: 'serialized' },
    { a: 1, user: 'plain' },
    { a: 1, user: 'serialized' },
    { user: 'plain' },
  ])
})

test("a name of the logger's own, and the same of a child", () => {
  collector.logs.length = 0
  const pino = loadPino('newest')
  const stream = { write: () => true }
  pino({ name: 'orders' }, stream)['info']('own')
  pino({}, stream).child({ name: 'orders' })['info']('of a child')
  expect(collector.logs.map(({ scope, attributes }) => [scope.name, attributes])).toEqual([
    ['orders', {}],
    ['orders', { name: 'orders' }],
  ])
})
