/**
 * Lets a backend of ours forget what it has. Not a source's question: nothing else can be cleared.
 */
import type { Cleared } from '../model/api.ts'
import { type BackendAddress, callBackend, NOT_FOUND, unreachable } from './backend-client.ts'

/** @param before  as `since` of a query; undefined: everything */
export async function clearBackend(address: BackendAddress, before: string | undefined): Promise<Cleared> {
  const answer = await callBackend<Cleared>(address, 'data', { method: 'DELETE', query: { before } })
  if (answer === NOT_FOUND) throw unreachable(address, 'it has no /api/v1/data')
  return answer
}
