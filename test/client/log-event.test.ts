import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { readLogEvent } from '../../src/client/log-event.ts'

const read = (type: string, data: string) => readLogEvent({ type, data, id: '1' })

test.each([
  ['log', '{"message":"a","user":1}', { type: 'log', line: { message: 'a', user: 1 } }],
  ['stdout', '{"text":"a","at":"t"}', { type: 'stdout', text: 'a', at: 't' }],
  ['stderr', '{"text":"a"}', { type: 'stderr', text: 'a', at: undefined }],
  ['gap', '{"dropped":3}', { type: 'gap', dropped: 3 }],
  ['gap', '{"dropped":-1}', { type: 'gap', dropped: 0 }],
  ['gap', '{"dropped":"many"}', { type: 'gap', dropped: 0 }],
  [
    'end',
    '{"status":"error","http_status":500,"dropped":2}',
    { type: 'end', status: 'error', httpStatus: 500, dropped: 2 },
  ],
  ['end', '{"status":"unbound"}', { type: 'end', status: 'unbound', httpStatus: undefined, dropped: 0 }],
  ['end', '{"status":"of a later version"}', { type: 'end', status: 'ok', httpStatus: undefined, dropped: 0 }],
  ['stdout', '{"text":1}', undefined],
  ['log', '[]', undefined],
  ['log', 'null', undefined],
  ['log', '{"message":', undefined],
  ['of a later version', '{}', undefined],
])('%s %s', (type, data, event) => {
  expect(read(type, data)).toEqual(event)
})

test('never throws, and changes no prototype', () => {
  fc.assert(
    fc.property(fc.constantFrom('log', 'stdout', 'stderr', 'gap', 'end', 'x'), fc.json(), (type, data) => {
      const event = read(type, data)
      expect(event === undefined || event.type === type).toBe(true)
    }),
  )
  const event = read('log', '{"__proto__":{"polluted":true}}')
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  expect(event).toBeDefined()
  expect(read('log', '['.repeat(200_000))).toBeUndefined()
})
