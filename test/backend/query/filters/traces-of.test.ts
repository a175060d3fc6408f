/**
 * A query text that holds whole trace ids says of which traces its answer is.
 */
import { expect, test } from 'vitest'

import { compileQuery } from '../../../../src/backend/query/filters/compile.ts'

const A = '4bf92f3577b34da6a3ce929d0e0e4736'
const B = 'aaaabbbbccccdddd0000111122223333'

test.each([
  { text: '', traces: undefined },
  { text: 'timeout', traces: undefined },
  { text: `trace:${A}`, traces: [A] },
  { text: `trace_id:${A.toUpperCase()}`, traces: [A] },
  { text: `trace:4bf92f35-77b3-4da6-a3ce-929d0e0e4736`, traces: [A] },
  { text: `level:warn trace:${A} timeout`, traces: [A] },
  { text: `trace:${A} trace:${B}`, traces: [A] },
  { text: `trace:${A} OR trace:${B}`, traces: [A, B] },
  { text: `(trace:${A} level:warn) OR trace:${B}`, traces: [A, B] },
  { text: `trace:${A} OR timeout`, traces: undefined },
  { text: `-trace:${A}`, traces: undefined },
  { text: `trace!=${A}`, traces: undefined },
  { text: `-(timeout OR trace:${A})`, traces: undefined },
  { text: 'trace:4bf92f35', traces: undefined },
])('$text', ({ text, traces }) => {
  expect(compileQuery(text).traces).toEqual(traces)
})
