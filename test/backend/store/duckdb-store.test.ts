/**
 * The DuckDB store against the contract, and what only it must do: refuse what a newer version wrote.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll } from 'vitest'

import { createDuckdbStore } from '../../../src/backend/store/duckdb-store.ts'
import { storeContract } from '../../contract/store.contract.ts'

const root = mkdtempSync(join(tmpdir(), 'tracelog-store-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

storeContract(
  'the DuckDB store',
  (directory) => createDuckdbStore({ directory }),
  () => mkdtempSync(join(root, 'data-')),
)
