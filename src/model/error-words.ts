/**
 * How one error of the list of errors is told: on the terminal, on the page, to agents.
 */
import type { ErrorRow } from './api.ts'

/** `TypeError: cart is undefined`. */
export function errorTitle({ type, message }: Pick<ErrorRow, 'type' | 'message'>): string {
  if (message === '') return type
  return message.startsWith(type) ? message : `${type}: ${message}`
}

/** `at getCart (src/cart.ts) in web, GET /api/cart/:id`. */
export function errorPlace({ frame, services, routes }: Pick<ErrorRow, 'frame' | 'services' | 'routes'>): string {
  const where = services.length === 0 ? '' : `in ${listed(services)}`
  const at = frame === undefined ? '' : `at ${frame}`
  return [`${at} ${where}`.trim(), listed(routes)].filter((part) => part !== '').join(', ')
}

/** Names of a list that stand in a line. */
const NAMED = 3

function listed(names: readonly string[]): string {
  const more = names.length > NAMED ? `, ${names.length - NAMED} more` : ''
  return `${names.slice(0, NAMED).join(', ')}${more}`
}

const BARS = '▁▂▃▄▅▆▇█'

/** A sparkline as text: a space where there is nothing. */
export function sparkText(numbers: readonly number[]): string {
  const most = Math.max(1, ...numbers)
  return numbers
    .map((number) => (number === 0 ? ' ' : (BARS[Math.ceil((number / most) * BARS.length) - 1] as string)))
    .join('')
}
