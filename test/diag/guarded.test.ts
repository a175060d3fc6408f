import { describe, expect, test, vi } from 'vitest'

import { guarded, guardedQuestion, safely } from '../../src/diag/guarded.ts'

const { lines } = vi.hoisted(() => ({ lines: [] as string[] }))
vi.mock('node:fs', async (original) => ({
  ...(await original<object>()),
  writeSync: (_: number, line: string) => lines.push(line),
}))

/** Errors whose own message cannot be read, and things that are no errors. */
const HOSTILE: readonly (readonly [string, unknown])[] = [
  ['an error whose message throws', Object.defineProperty(new Error('x'), 'message', { get: fail })],
  ['an object without prototype', Object.create(null)],
  ['a revoked proxy', revoked()],
  ['a symbol', Symbol('x')],
  ['a message that is no text', Object.assign(new Error('x'), { message: Object.create(null) })],
]

describe('guarded', () => {
  test('hands on this and the arguments', () => {
    const seen: unknown[] = []
    const listener = guarded('test:arguments', function (this: unknown, a: number, b: number) {
      seen.push(this, a, b)
    })
    listener.call('me', 1, 2)
    expect(seen).toEqual(['me', 1, 2])
  })

  test('says a fault once per seam', () => {
    lines.length = 0
    const listener = guarded('test:once', fail)
    listener()
    listener()
    expect(lines).toEqual(['tracelog: a fault in test:once: broken; what it was to record is lost\n'])
  })

  test.each(HOSTILE)('survives %s that is thrown', (name, thrown) => {
    expect(() =>
      guarded(`test:${name}`, () => {
        throw thrown
      })(),
    ).not.toThrow()
  })
})

describe('safely', () => {
  test('returns what was returned, or undefined', () => {
    expect(safely('test:value', () => 7)).toBe(7)
    expect(safely('test:fault', fail)).toBeUndefined()
  })
})

function fail(): never {
  throw new Error('broken')
}

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}

describe('guardedQuestion', () => {
  test('answers, and says a fault', () => {
    lines.length = 0
    expect(guardedQuestion('test:asked', (text: string) => text.length)('four')).toBe(4)
    expect(guardedQuestion('test:asking', fail)(undefined)).toBeUndefined()
    expect(lines).toEqual(['tracelog: a fault in test:asking: broken; what it was to record is lost\n'])
  })
})
