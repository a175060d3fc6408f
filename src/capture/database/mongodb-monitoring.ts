/**
 * Tells the driver that somebody monitors commands, so that it makes events of them, and keeps them from who did not ask.
 *
 * Newer versions ask a getter whether to make an event, and the application's own setting whether to emit it: only the former is ours.
 * 6.0 asks one field for both: there what was emitted goes nowhere, because the connection's relays of commands are taken off where the
 * application has not asked for them. It has set that field for good then: with the setting off they would never be used.
 */
import { guarded } from '../../diag/guarded.ts'
import { Itself } from '../hop/prototype-seams.ts'

/** What of a Connection is read. */
interface MongoConnection {
  listenerCount(event: string): number
  removeAllListeners(event: string): unknown
}
type Undo = () => void

const COMMAND_EVENTS = ['commandStarted', 'commandSucceeded', 'commandFailed']
const ASKED = 'shouldEmitAndLogCommand'

/** The application's own setting, on its connection. */
class Setting extends Itself {
  #isOn: unknown

  static put(connection: object, isOn: unknown): void {
    const noted = #isOn in connection ? connection : new Setting(connection)
    noted.#isOn = isOn
  }

  static of(connection: object): unknown {
    return #isOn in connection ? connection.#isOn : undefined
  }
}

export function watchMonitorCommands({ Connection }: { readonly Connection: { readonly prototype: object } }): Undo {
  const { prototype } = Connection
  const asked = Object.getOwnPropertyDescriptor(prototype, ASKED)
  if (asked?.get === undefined) return watchField(prototype)
  Object.defineProperty(prototype, ASKED, { ...asked, get: () => true })
  return () => Object.defineProperty(prototype, ASKED, asked)
}

function watchField(prototype: object): Undo {
  const silence = guarded('mongodb monitorCommands', function (this: MongoConnection) {
    if (Setting.of(this) === true) return
    for (const event of COMMAND_EVENTS) if (this.listenerCount(event) > 0) this.removeAllListeners(event)
  })
  const keep = guarded('mongodb monitorCommands', (connection: object, isOn: unknown) => Setting.put(connection, isOn))
  Object.defineProperty(prototype, 'monitorCommands', {
    configurable: true,
    enumerable: false,
    get(this: object) {
      if (this === prototype) return undefined
      silence.call(this)
      return true
    },
    set(this: object, isOn: unknown) {
      keep(this, isOn)
    },
  })
  return () => Reflect.deleteProperty(prototype, 'monitorCommands')
}
