import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { PagedTexts } from '../../src/returning/paged-texts.ts'

test('what is pushed is there as it was, over any number of pages, until it is dropped', () => {
  const text = fc.tuple(fc.string({ unit: 'grapheme', maxLength: 20 }), fc.integer({ min: 1, max: 3_000 }))
  const step = fc.oneof({ weight: 3, arbitrary: text }, fc.constant('drop' as const), fc.constant('clear' as const))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const queue = new PagedTexts()
      let model: { readonly text: string; readonly size: number }[] = []
      const check = (): void => {
        let from = 0
        for (const { text: expected, size } of model) {
          expect(queue.text(from, size) === expected).toBe(true)
          from += size
        }
      }
      for (const one of steps) {
        if (one === 'clear') {
          queue.clear()
          model = []
        } else if (one === 'drop') queue.drop(model.shift()?.size ?? 0)
        else {
          // A lone half of a pair has no bytes of its own.
          const pushed = one[0].toWellFormed().repeat(one[1])
          model.push({ text: pushed, size: queue.push(pushed) })
        }
        check()
      }
    }),
    { numRuns: 60 },
  )
})
