/** grafana/ holds exactly what `npm run grafana` builds: no file more, none less, none edited by hand. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { BUILT_FOLDERS, builtFiles } from '../../grafana/src/files.ts'

const root = new URL('../../grafana/', import.meta.url).pathname

test('the files of grafana/ are those that grafana/src builds', () => {
  const there = BUILT_FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length)),
  )
  expect(there.toSorted()).toEqual([...builtFiles().keys()].toSorted())
})

test.each([...builtFiles()])('%s is as built', (path, text) => {
  expect(readFileSync(join(root, path), 'utf8')).toBe(text)
})
