/** What of Node a start loads on our account: each module costs every process, also those that log nothing. */
import { builtinModules } from 'node:module'

import { describe, expect, test } from 'vitest'

import { runChild, type Preload } from '../support/child.ts'
import { NODE_VERSIONS, nodeBinary } from '../support/nodes.ts'

/** The Console whose writes are heard; whose modules are; the host's name. Whoever adds one says why a start cannot do without. */
const EXPECTED = ['console', 'module', 'os']
/** With what those need within Node. */
const MAX_MODULES = 10

async function loaded(node: string, preload: Preload): Promise<string[]> {
  const { stdout } = await runChild('preload/loaded-builtins.cjs', { node, preload })
  return JSON.parse(stdout) as string[]
}

describe.each(NODE_VERSIONS)('on Node %s', (version) => {
  test('the preload loads no module of Node that nobody has used yet', async () => {
    const node = nodeBinary(version)
    const bare = new Set(await loaded(node, 'none'))
    const added = (await loaded(node, 'require')).filter((name) => !bare.has(name))
    const names = added.map((name) => name.replace(/^NativeModule /, ''))
    expect(names.filter((name) => builtinModules.includes(name)).toSorted()).toEqual(EXPECTED)
    expect(added.length).toBeLessThanOrEqual(MAX_MODULES)
  })
})
