import type { NodeId, Transport } from '@colony/host'
import { RaftError, type Raft } from '@colony/raft'
import type { Bank } from './bank-machine.ts'
import { BANK_CHANNEL, replyCodec, requestCodec, type Answer, type Request } from './bank-protocol.ts'

/** How long a node tries on a client's behalf. Clients wait less and ask another node, under the same key. */
const CALL_TIMEOUT_MS = 2_000

/** Lets clients use one node of the bank: each operation with the consistency that it needs. */
export class BankService {
  readonly #raft: Raft<Bank>
  readonly #transport: Transport

  constructor(raft: Raft<Bank>, transport: Transport) {
    this.#raft = raft
    this.#transport = transport
    transport.receive(BANK_CHANNEL, (from, frame) => {
      const request = decode(frame)
      if (request !== undefined) void this.#serve(from, request)
    })
  }

  async #serve(from: NodeId, request: Request): Promise<void> {
    const answer = await this.#attempt(request)
    // An answer that is dropped is an answer that is late: the client asks again.
    this.#transport.send(from, BANK_CHANNEL, replyCodec.encode({ ...answer, request: request.request }))
  }

  async #attempt(request: Request): Promise<Answer> {
    try {
      return await this.#answer(request)
    } catch (error) {
      if (error instanceof RaftError) return { error: error.code }
      throw error
    }
  }

  // #region consistency
  async #answer(request: Request): Promise<Answer> {
    if ('transfer' in request) {
      const { transfer } = request
      const options = { idempotencyKey: transfer.id, timeoutMs: CALL_TIMEOUT_MS }
      return { transferred: (await this.#raft.propose(transfer, options)).value }
    }
    if ('balance' in request) {
      const options = { timeoutMs: CALL_TIMEOUT_MS }
      const { value, index } = await this.#raft.read((bank) => bank.balance(request.balance), options)
      return { balance: value, index }
    }
    const read = await this.#raft.read((bank) => [...bank.history(request.history)], { consistency: 'local' })
    return {
      movements: read.value,
      index: read.index,
      staleMs: Number.isFinite(read.staleMs) ? read.staleMs : null,
    }
  }
  // #endregion
}

/** Anybody may send anything: what is no request is dropped. */
function decode(frame: Uint8Array): Request | undefined {
  try {
    return requestCodec.decode(frame)
  } catch {
    return undefined
  }
}
