/** Do programs of test/libraries get the versions that their set names? */
import { expect, test } from 'vitest'

import { runChild } from '../support/child.ts'
import { libraryProgram, libraryVersion, type LibrarySet } from '../support/libraries.ts'

const SETS: readonly LibrarySet[] = ['oldest', 'between', 'newest']

test.each(SETS.flatMap((set) => ['version.cjs', 'version.mjs'].map((program) => ({ set, program }))))(
  '$program beside the $set libraries has the version of that set',
  async ({ set, program }) => {
    const { stdout, stderr } = await runChild(libraryProgram(program, set), { preload: 'none' })
    expect({ stdout, stderr }).toEqual({ stdout: libraryVersion('pino', set), stderr: '' })
  },
)
