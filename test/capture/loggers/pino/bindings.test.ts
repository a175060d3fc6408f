/** What a child adds to its lines is read from its text, whichever loggers wrote before it. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { PinoBindings } from '../../../../src/capture/loggers/pino/bindings.ts'

const ROOTS = [',"pid":1,"hostname":"h"', ',"pid":1,"hostname":"h","name":"orders","region":"eu"', '']

/** More children than are remembered, of several roots. */
const writer = fc.record({ root: fc.constantFrom(...ROOTS), child: fc.nat(20) })

test('children that write in any order keep their own fields', () => {
  fc.assert(
    fc.property(fc.array(writer, { maxLength: 60 }), (writers) => {
      const bindings = new PinoBindings('10.4.0')
      for (const { root, child } of writers) {
        const { fields, scope, isEmpty } = bindings.of(`${root},"reqId":"r-${child}"`, root)
        expect(fields).toEqual(
          root.includes('region') ? { region: 'eu', reqId: `r-${child}` } : { reqId: `r-${child}` },
        )
        expect(scope.name).toBe(root.includes('orders') ? 'orders' : 'pino')
        expect(isEmpty).toBe(false)
      }
    }),
  )
})

test("the same text is one logger's own, and another's from its child", () => {
  const text = ',"pid":1,"name":"a"'
  const bindings = new PinoBindings('10.4.0')
  expect(bindings.of(text, text).fields).toEqual({})
  expect(bindings.of(text, ',"pid":1').fields).toEqual({ name: 'a' })
  expect(bindings.of(text, text).isEmpty).toBe(true)
})
