/** T-12: the types of tasks, checked by `tsc -p test`. */
import type { IncomingHttpHeaders } from 'node:http'

import { expectTypeOf } from 'expect-type'

import * as api from '../../src/index.ts'

expectTypeOf(api.task('x', () => 1)).toEqualTypeOf<number>()
expectTypeOf(api.to('x', { args: [3], level: 'debug' }, () => 'a' as const)).toEqualTypeOf<'a'>()
// What comes back is what was returned: nothing is awaited.
expectTypeOf(api.task('x', async (self) => self.goal)).toEqualTypeOf<Promise<string>>()
expectTypeOf(api.to('x', (): PromiseLike<number> => Promise.resolve(1))).toEqualTypeOf<PromiseLike<number>>()
export const steps: Generator<number> = api.to('x', function* () {
  yield 1
})
expectTypeOf(api.task).parameter(0).toEqualTypeOf<string>()
expectTypeOf(api.currentTask()).toEqualTypeOf<api.Task | undefined>()
expectTypeOf(api.wrap((n: number) => String(n))).toEqualTypeOf<(n: number) => string>()
expectTypeOf(api.startTask('x').bind({ a: 1 })).toEqualTypeOf<api.Task>()
expectTypeOf(api.startTask('x').run(() => 1)).toEqualTypeOf<number>()
// A token is a text, or whatever carried it.
const headers: IncomingHttpHeaders = {}
const ofKafka: Record<string, Buffer | string | (Buffer | string)[] | undefined> = {}
for (const token of [api.startTask('x').token(), undefined, process.env, headers, ofKafka, Buffer.from('')])
  expectTypeOf(api.importTask(token, 'x', { kind: 'consumer' }, () => 1)).toEqualTypeOf<number>()
// @ts-expect-error -- no carrier
api.importTask(3, 'x', () => 1)
// @ts-expect-error -- a level that there is not
api.startTask('x', { level: 'loud' })
// @ts-expect-error -- nothing to run
api.task('x')

export function used(): string {
  using self = api.startTask('by hand')
  self.progress(1, 2)
  self.success('done', { rows: 1 })
  return self.token()
}
export async function awaited(): Promise<void> {
  await using self = api.startTask('by hand')
  self.fail(new Error('no'), 'it failed')
}

export class Orders {
  static #count = 0
  #secret = 1

  @api.goal('place order', { level: 'notice' })
  async place(id: number): Promise<number> {
    return this.#check(id)
  }

  @api.goal('count')
  static count(): number {
    return Orders.#count
  }

  @api.goal('check')
  #check(id: number): number {
    return id + this.#secret
  }
}
expectTypeOf(new Orders().place(1)).toEqualTypeOf<Promise<number>>()
expectTypeOf(Orders.count()).toEqualTypeOf<number>()

// As TypeScript calls it with `experimentalDecorators`.
const descriptor: TypedPropertyDescriptor<(n: number) => string> = {}
expectTypeOf(api.goal('x')(Orders.prototype, 'place', descriptor)).toEqualTypeOf<void>()
