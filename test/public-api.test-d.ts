/** The types of the public API, checked by `tsc -p test`. */
import { expectTypeOf } from 'expect-type'

import * as api from '../src/index.ts'

expectTypeOf(api.start).parameter(0).toEqualTypeOf<api.StartOptions | undefined>()
expectTypeOf(api.start()).toEqualTypeOf<api.Tracelog>()
expectTypeOf(api.flush()).resolves.toEqualTypeOf<api.FlushResult>()
expectTypeOf(api.shutdown).parameter(0).toEqualTypeOf<api.FlushOptions | undefined>()
expectTypeOf(api.stats().logs.dropped).toEqualTypeOf<Readonly<Record<api.DropReason, number>>>()
expectTypeOf(api.stats().endpoint).toEqualTypeOf<'up' | 'down' | 'unknown'>()
expectTypeOf(api.setLevel).parameter(0).toEqualTypeOf<api.LevelName | 'off'>()
expectTypeOf(api.currentRequest()).toEqualTypeOf<api.CurrentRequest | undefined>()
expectTypeOf(api.cached('users', 'get', () => 1)).resolves.toEqualTypeOf<number>()
expectTypeOf(api.cached('users', 'get', () => Promise.resolve('a'))).resolves.toEqualTypeOf<string>()
expectTypeOf<api.TracelogError>().toExtend<Error>()
expectTypeOf<api.TracelogError['code']>().toEqualTypeOf<api.ErrorCode>()
// @ts-expect-error -- a level that there is not
api.setLevel('loud')
