/**
 * Who may see the lines of a call here, and where is it told who was refused? Nothing is said where it is off, as it is by default.
 */
import type { ReturnConfig } from '../../config/return-config.ts'
import type { Check } from './check.ts'

const NAME = 'returned lines'
const REFUSALS =
  'who is refused is counted by reason, in stats().returned and once a minute in a record (tracelog.return.refused)'

/** @param config  `undefined`: it is off */
export function checkReturning(config: ReturnConfig | undefined): Check[] {
  if (config === undefined) return []
  const { keys, publicLoggers } = config
  const publics = ['tellCaller', ...publicLoggers].join(', ')
  const seen = `a caller whom nobody grants more sees what these say: ${publics}; ${REFUSALS}`
  if (keys.length > 0) {
    const who = `callers whose bearer ${keys.length === 1 ? 'the key has' : 'one of the two keys has'} signed, and whom authorize of returnHandler lets in`
    return [{ name: NAME, status: 'ok', message: `on, for ${who}; ${seen}` }]
  }
  return [
    {
      name: NAME,
      status: 'note',
      message: `on, for callers whom authorize of returnHandler lets in; ${seen}`,
      hint: 'Without returnHandler({ authorize }) nobody is let in. TRACELOG_RETURN_KEY lets in who has the key.',
    },
  ]
}
