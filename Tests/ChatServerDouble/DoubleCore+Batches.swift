import NIOCore

extension DoubleCore {
    func batches(_ request: DoubleRequest, _ parts: [String]) -> DoubleReply {
        let empty = settings.batch.namesMissingFilesEmpty
        switch (request.method, parts.count, parts.dropFirst(2).first) {
        case ("POST", 1, _): return create(request)
        case ("GET", 1, _):
            let limit = request.query["limit"].flatMap { Int($0) } ?? 20
            // The newest first, as OpenAI has it.
            let newest = with { Array($0.batches.reversed()) }
            let rest = request.query["after"].map { after in newest.drop { $0.id != after }.dropFirst() } ?? newest[...]
            let page = rest.prefix(limit)
            return .json(200, .object([
                "object": "list", "data": .array(page.map { $0.json(namesMissingFilesEmpty: empty) }), "first_id": page.first.map { .string($0.id) } ?? .null,
                "last_id": page.last.map { .string($0.id) } ?? .null, "has_more": .bool(rest.count > page.count),
            ]))
        case ("GET", 2, _), ("POST", 3, "cancel"?):
            let isCancel = request.method == "POST"
            let found: StoredBatch? = with { state in
                guard let index = state.batches.firstIndex(where: { $0.id == parts[1] }) else { return nil }
                if isCancel { state.cancel(index) } else { state.look(index) }
                return state.batches[index]
            }
            return found.map { .json(200, $0.json(namesMissingFilesEmpty: empty)) } ?? missing("batch", parts[1])
        default: return missing("batch", parts.dropFirst().first ?? "")
        }
    }

    private func create(_ request: DoubleRequest) -> DoubleReply {
        guard let body = try? JSONValue(request.body.readableBytesView), let file = body["input_file_id"]?.text, let endpoint = body["endpoint"]?.text,
              body["completion_window"]?.text == "24h" else {
            return .error(400, type: "invalid_request_error", code: nil, "input_file_id, endpoint and completion_window 24h are required.")
        }
        let batch: StoredBatch? = with { state in
            guard state.files[file]?.purpose == "batch" else { return nil }
            let batch = StoredBatch(id: state.nextID("batch_"), inputFile: file, endpoint: endpoint, metadata: body["metadata"] ?? .null)
            state.batches.append(batch)
            state.counts.batches += 1
            return batch
        }
        return batch.map { .json(200, $0.json(namesMissingFilesEmpty: false)) } ?? .error(400, type: "invalid_request_error", code: "invalid_input_file", "No such file for batches: \(file)")
    }
}

extension DoubleCore.State {
    /// Somebody looks at the batch: after so many looks it goes on.
    mutating func look(_ index: Int) {
        guard !batches[index].isOver else { return }
        batches[index].looks += 1
        guard batches[index].looks > settings.batch.looksPerState else { return }
        batches[index].looks = 0
        switch batches[index].status {
        case .validating: validate(index)
        case .inProgress: batches[index].status = .finalizing
        case .finalizing: finish(index, .completed, ending: settings.batch.ending)
        case .cancelling: finish(index, .cancelled, ending: .expired(after: batches[index].total / 2))
        default: break
        }
    }

    mutating func cancel(_ index: Int) {
        guard !batches[index].isOver else { return }
        batches[index].status = .cancelling
        batches[index].looks = 0
    }

    private func lines(of batch: StoredBatch) -> [ByteBufferView.SubSequence] {
        files[batch.inputFile]?.bytes.readableBytesView.split(separator: UInt8(ascii: "\n")) ?? []
    }

    private mutating func validate(_ index: Int) {
        var problems: [StoredBatch.Problem] = [], seen: Set<String> = []
        let lines = lines(of: batches[index])
        if case .failedValidation(let code) = settings.batch.ending { problems.append(.init(code: code, message: "The batch was found wrong.", line: nil)) }
        if lines.isEmpty { problems.append(.init(code: "empty_file", message: "The input file is empty or gone.", line: nil)) }
        if lines.count > settings.batch.maximumLines { problems.append(.init(code: "too_many_tasks", message: "The file has more than \(settings.batch.maximumLines) requests.", line: nil)) }
        if (files[batches[index].inputFile]?.bytes.readableBytes ?? 0) > settings.batch.maximumBytes {
            problems.append(.init(code: "file_too_large", message: "The file is larger than \(settings.batch.maximumBytes) bytes.", line: nil))
        }
        for (number, line) in lines.enumerated() {
            guard let value = try? JSONValue(Array(line)), let id = value["custom_id"]?.text, value["body"]?["messages"] != nil, value["method"]?.text == "POST" else {
                problems.append(.init(code: "invalid_json_line", message: "This line is not parseable as a request.", line: number + 1))
                continue
            }
            if value["url"]?.text != batches[index].endpoint { problems.append(.init(code: "mismatched_endpoint", message: "The url differs from the batch's endpoint.", line: number + 1)) }
            if !seen.insert(id).inserted { problems.append(.init(code: "duplicate_custom_id", message: "The custom_id \(id) was used before.", line: number + 1)) }
        }
        batches[index].total = lines.count
        batches[index].problems = problems
        batches[index].status = problems.isEmpty ? .inProgress : .failed
    }

    /// Runs the lines, and makes the two files.
    private mutating func finish(_ index: Int, _ status: StoredBatch.Status, ending: BatchSettings.Ending) {
        var output: [String] = [], errors: [String] = []
        let lines = lines(of: batches[index])
        var last = lines.count
        if case .expired(let count) = ending { last = min(count, last) }
        for (number, line) in lines.enumerated() {
            guard let value = try? JSONValue(Array(line)), let id = value["custom_id"]?.text else { continue }
            guard number < last else {
                let code = status == .cancelled ? "batch_cancelled" : "batch_expired"
                errors.append(result(id, response: .null, error: .object(["code": .string(code), "message": "This request could not be executed before the batch ended."])))
                continue
            }
            switch settings.batch.fault(id) {
            case .missing?: continue
            case .error(let code, let name)?:
                let body = JSONValue.object(["error": .object(["message": "The line was refused.", "type": "invalid_request_error", "param": .null, "code": .string(name)])])
                errors.append(result(id, response: .object(["status_code": .integer(code), "request_id": "r", "body": body]), error: .null))
            case let fault: run(value, id, isTwice: fault == .twice, output: &output, errors: &errors)
            }
        }
        if settings.batch.isReversed { output.reverse() }
        batches[index].completed = output.count
        batches[index].failed = errors.count
        batches[index].outputFile = store(output, named: "output", of: index)
        batches[index].errorFile = store(errors, named: "error", of: index)
        if case .expired = ending, status == .completed { batches[index].status = .expired } else { batches[index].status = status }
    }

    private mutating func run(_ line: JSONValue, _ id: String, isTwice: Bool, output: inout [String], errors: inout [String]) {
        guard let body = line["body"] else { return }
        let request = CompletionRequest(number: counts.batchLines, earlierAttempts: 0, headers: [], key: "", body: body, promptTokens: promptTokens(body), isBatched: true)
        counts.batchLines += 1
        let behaviour = settings.behave(request)
        guard case .answer = behaviour.reply else {
            let status: Int = if case .error(let status, _, _) = behaviour.reply { status } else { 500 }
            let body = JSONValue.object(["error": .object(["message": "The line failed.", "type": "server_error", "param": .null, "code": .null])])
            errors.append(result(id, response: .object(["status_code": .integer(status), "request_id": "r", "body": body]), error: .null))
            return
        }
        let answer = CompletionAnswer(to: request, behaviour)
        var mark = CompletionMark(status: 200, bodyHash: 0)
        mark.promptTokens = request.promptTokens
        mark.completionTokens = answer.completionTokens
        mark.nanoDollars = (request.promptTokens * settings.promptPrice + answer.completionTokens * settings.completionPrice) / 2
        bill(mark)
        let text = result(id, response: .object(["status_code": 200, "request_id": "r", "body": answer.value]), error: .null)
        output += isTwice ? [text, text] : [text]
    }

    private func result(_ id: String, response: JSONValue, error: JSONValue) -> String {
        JSONValue.object(["id": .string("batch_req_" + id), "custom_id": .string(id), "response": response, "error": error]).json
    }

    private mutating func store(_ lines: [String], named name: String, of index: Int) -> String? {
        guard !lines.isEmpty else { return nil }
        let file = StoredFile(id: nextID("file-"), name: "\(batches[index].id)_\(name).jsonl", purpose: "batch_output", bytes: ByteBuffer(string: lines.joined(separator: "\n") + "\n"))
        files[file.id] = file
        return file.id
    }
}
