internal import AudioGraph
internal import CPulse

/// A question the server has been asked, and has not necessarily answered.
///
/// The request is the box that the callback writes into, and it owns the operation: its end cancels the operation, so
/// C never holds a pointer that dangles, and `passUnretained` is right.
final class Request<Answer> {
  private let connection: Connection
  private var answer: Answer
  private var result: Result<Void, PulseError>?
  private var operation: OpaquePointer?

  /// - Parameter ask: calls the libpulse function with the pointer that its callback will be given.
  init(_ connection: Connection, empty: Answer, ask: (UnsafeMutableRawPointer) -> OpaquePointer?) {
    self.connection = connection
    answer = empty
    operation = ask(Unmanaged.passUnretained(self).toOpaque())
    if operation == nil { result = .failure(PulseError(lastOf: connection.context)) }
  }

  deinit {
    guard let operation else { return }
    pa_operation_cancel(operation)
    pa_operation_unref(operation)
  }

  /// Runs the loop until the server has answered, filling every other pending request on the way.
  ///
  /// A server that goes away cancels its operations without calling back, so it is the state of the operation that
  /// ends the wait, not the callback.
  ///
  /// - Returns: the answer, or the error the server gave to this one question.
  /// - Throws: ``ServerError`` where there will be no answer.
  func outcome() throws(ServerError) -> Result<Answer, PulseError> {
    let isOver = try connection.wait(atMost: connection.patience) {
      result != nil || operation.map { pa_operation_get_state($0) != PA_OPERATION_RUNNING } ?? true
    }
    if !isOver { throw connection.timedOut() }
    // Without an operation it could not even be asked.
    guard let result, operation != nil || connection.isOpen else { throw connection.lost }
    return result.map { answer }
  }

  /// The answer to a question that has to be answered.
  func value() throws(ServerError) -> Answer {
    switch try outcome() {
    case .success(let answer): return answer
    case .failure(let error): throw error.ending
    }
  }

  // MARK: - For callbacks

  static func at(_ pointer: UnsafeMutableRawPointer?) -> Request {
    Unmanaged<Request>.fromOpaque(pointer!).takeUnretainedValue()
  }

  /// The only call of a callback that is made once. No answer means that the server gave an error.
  func receive(_ answer: Answer?, _ context: OpaquePointer?) {
    if let answer { self.answer = answer }
    result = answer != nil ? .success(()) : .failure(PulseError(lastOf: context))
  }

  /// One call of a list callback: an item, the end of the list, or an error. An error that is taken for the end looks
  /// like an empty list.
  func receive<Item>(_ end: Int32, _ context: OpaquePointer?, _ item: @autoclosure () -> Item)
  where Answer == [Item] {
    if end == 0 {
      answer.append(item())
    } else {
      result = end > 0 ? .success(()) : .failure(PulseError(lastOf: context))
    }
  }
}

extension Request where Answer == Void {
  /// A change, to which the server says yes or no.
  convenience init(
    _ connection: Connection, change: (pa_context_success_cb_t, UnsafeMutableRawPointer) -> OpaquePointer?
  ) {
    self.init(connection, empty: ()) { box in
      change({ Request<Void>.at($2).receive($1 != 0 ? () : nil, $0) }, box)
    }
  }
}
