/**
 * An exporter out of a package of the application, made in this thread.
 */
import { createRequire } from 'node:module'

import { messageOf } from '../../diag/guarded.ts'
import type { SdkExporter } from '../../model/sdk-types.ts'
import type { SdkPackage } from '../lane-spec.ts'
import { createSdkTransport } from './sdk.ts'
import type { Transport } from './transport.ts'

/** One that cannot be made refuses everything, and says why. */
export function createPackageTransport({ module, exporter, options }: SdkPackage): Transport {
  try {
    const exported = createRequire(module)(module) as Record<string, new (options: object) => SdkExporter>
    const Exporter = exported[exporter]
    if (Exporter === undefined) return refusing(`${module} has no ${exporter}`)
    return createSdkTransport(new Exporter({ ...options }))
  } catch (error) {
    return refusing(`${module} cannot be loaded: ${messageOf(error)}`)
  }
}

function refusing(reason: string): Transport {
  return { send: () => Promise.resolve({ kind: 'rejected', reason }), hurry: () => {}, stop: () => {} }
}
