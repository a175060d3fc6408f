/**
 * T-12: what a compiler makes of decorators and of `using`, as an application runs it.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { transformSync } from 'esbuild'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { runChild } from '../support/child.ts'
import { startReceiver, type Receiver } from '../support/receiver.ts'
import { bySeq, lineOf } from '../support/task-lines.ts'

const API = fileURLToPath(new URL('../../dist/index.js', import.meta.url))

/** Metadata of methods as `reflect-metadata` keeps it, for frameworks that look for it. */
const SHOP = `
  const kept = new Map()
  Reflect.getOwnMetadataKeys = (target) => [...(kept.get(target)?.keys() ?? [])]
  Reflect.getOwnMetadata = (key, target) => kept.get(target)?.get(key)
  Reflect.defineMetadata = (key, value, target) => kept.set(target, new Map(kept.get(target)).set(key, value))
  const route = (path) => (target, _key, descriptor) => {
    Reflect.defineMetadata('path', path, descriptor?.value ?? target)
  }

  class Shop {
    price = 2
    @goal('sell') @route('/sell')
    async sell(count: number) { return Shop.total(count, this.price) }
    @goal('add up')
    static total(count: number, price: number) { return count * price }
    PRIVATE
  }
  function byHand() {
    using self = startTask('by hand')
    return self.goal
  }
  const shop = new Shop()
  const { sell } = Shop.prototype
  shop.sell(3).then((sum) => process.stdout.write(JSON.stringify(
    [sum, sell.name, sell.length, Reflect.getOwnMetadata('path', sell), byHand(), shop.reached?.()]
  )))
`
const PRIVATE = "@goal('hide') #hidden() { return this.price } reached() { return this.#hidden() }"

let receiver: Receiver
let folder: string

beforeEach(async () => {
  receiver = await startReceiver()
  folder = mkdtempSync(join(tmpdir(), 'tracelog-compiled-'))
})
afterEach(async () => {
  await receiver.close()
  rmSync(folder, { recursive: true, force: true })
})

test.each([
  {
    kind: 'standard decorators',
    experimentalDecorators: false,
    member: PRIVATE,
    last: 2,
    more: ['1 start hide', '2 end succeeded 2-0 hide'],
  },
  { kind: "TypeScript's older ones", experimentalDecorators: true, member: '', last: null, more: [] },
])(
  '$kind: each call is a subtask, and the method stays what it was',
  async ({ experimentalDecorators, member, last, more }) => {
    const source = `const { goal, startTask } = require(${JSON.stringify(API)})\n${SHOP.replace('PRIVATE', member)}`
    const { code } = transformSync(source, {
      loader: 'ts',
      target: 'es2022',
      tsconfigRaw: { compilerOptions: { experimentalDecorators } },
    })
    const program = join(folder, 'shop.cjs')
    writeFileSync(program, code)
    const { stdout, stderr } = await runChild(program, {
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
      flushesAtEnd: true,
    })
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual([6, 'sell', 1, '/sell', 'by hand', last])
    const lines = bySeq(receiver.receivedLogs).map(({ record }) => lineOf(record))
    expect(lines).toEqual([
      '1 start sell',
      '2/1 start add up',
      '2/2 end succeeded 2-0 add up',
      '3 end succeeded 3-0 sell',
      '1 start by hand',
      '2 end succeeded 2-0 by hand',
      ...more,
    ])
  },
)
