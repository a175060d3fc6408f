import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { asFunction, codeOf, compiledName, packCompiled } from '../../src/model/compiled-code.ts'

const bytes = fc.uint8Array({ minLength: 1, maxLength: 64 }).map((array) => Buffer.from(array))

test('what was packed for a text is found by that text', () => {
  fc.assert(
    fc.property(bytes, bytes, (code, text) => {
      expect(codeOf(packCompiled(code, text), text)).toEqual(code)
    }),
  )
})

test('and not when any byte of it is another, or missing, or one too many', () => {
  fc.assert(
    fc.property(bytes, bytes, fc.nat(), fc.integer({ min: 1, max: 255 }), (code, text, place, change) => {
      const file = packCompiled(code, text)
      const at = place % file.length
      const changed = Buffer.from(file)
      changed[at] = changed[at]! ^ change
      expect(codeOf(changed, text)).toBeUndefined()
      expect(codeOf(file.subarray(0, at), text)).toBeUndefined()
      expect(codeOf(Buffer.concat([file, Buffer.of(change)]), text)).toBeUndefined()
    }),
  )
})

test('nor by another text', () => {
  fc.assert(
    fc.property(bytes, bytes, bytes, (code, text, other) => {
      fc.pre(!text.equals(other))
      expect(codeOf(packCompiled(code, text), other)).toBeUndefined()
    }),
  )
})

test('code begins where V8 takes it without a copy', () => {
  const text = Buffer.from('x')
  const file = packCompiled(Buffer.from('code'), text)
  expect(codeOf(file, text)!.byteOffset - file.byteOffset).toBe(16)
})

test('each bundle has for each version, system and architecture a name of its own', () => {
  const nodes = ['v24.21.0', 'v26.10.0'].flatMap((version) =>
    ['linux', 'darwin'].flatMap((platform) => ['x64', 'arm64'].map((arch) => ({ version, platform, arch }))),
  )
  const names = nodes.flatMap((node) =>
    ['engine-start.cjs', 'engine-tasks.cjs'].map((name) => compiledName(name, node)),
  )
  expect(new Set(names).size).toBe(2 * nodes.length)
})

test.each([
  { bundle: 'engine-start.cjs', last: '__dirname' },
  { bundle: 'export-worker-main.cjs', last: '__dirname' },
  { bundle: 'engine-tasks.cjs', last: '__shared' },
])(
  'as a function $bundle has the parameters it is called with, and the columns of its first line',
  ({ bundle, last }) => {
    const { source, columnOffset } = asFunction(bundle, `return [module, exports, require, __filename, ${last}] // end`)
    // oxlint-disable-next-line no-eval -- it is our own text
    const run = (0, eval)(source) as (...args: number[]) => number[]
    expect(run(1, 2, 3, 4, 5)).toEqual([1, 2, 3, 4, 5])
    expect(source.indexOf('return') + columnOffset).toBe(0)
  },
)
