import RabbitMQ
import Testing

@Suite struct DeliveryAssemblerTests {
    let deliver = DeliveryAssembler.Method.deliver(tag: 7, isRedelivered: true)

    @Test func aBodyInSeveralFramesIsPutTogether() {
        var assembler = DeliveryAssembler(maximumBodyBytes: 10)
        #expect(assembler.method(deliver) == .none)
        #expect(assembler.header(bodySize: 5) == .none)
        #expect(assembler.body([1, 2]) == .none)
        #expect(assembler.body([]) == .none)
        #expect(assembler.body([3, 4, 5]) == .content(.delivery(tag: 7, isRedelivered: true, body: [1, 2, 3, 4, 5])))
    }

    @Test func anEmptyBodyEndsWithTheHeader() {
        var assembler = DeliveryAssembler(maximumBodyBytes: 10)
        _ = assembler.method(deliver)
        #expect(assembler.header(bodySize: 0) == .content(.delivery(tag: 7, isRedelivered: true, body: [])))
    }

    @Test func aReturnCarriesItsCorrelationAndNoBody() {
        var assembler = DeliveryAssembler(maximumBodyBytes: 0)
        _ = assembler.method(.returned(code: 312, text: "NO_ROUTE"))
        _ = assembler.header(bodySize: 3, correlationID: "12")
        #expect(assembler.body([1, 2, 3]) == .content(.returned(code: 312, text: "NO_ROUTE", correlationID: "12")))
    }

    @Test func anOversizedBodyIsDroppedAsItArrives() {
        var assembler = DeliveryAssembler(maximumBodyBytes: 4)
        _ = assembler.method(deliver)
        #expect(assembler.header(bodySize: 6) == .none)
        #expect(assembler.body([1, 2, 3]) == .none)
        #expect(assembler.body([4, 5, 6]) == .content(.oversized(tag: 7, bytes: 6)))
        _ = assembler.method(deliver)
        _ = assembler.header(bodySize: .max)
        #expect(assembler.body([1]) == .none)
    }

    @Test func framesOutOfOrderAreViolations() {
        var assembler = DeliveryAssembler(maximumBodyBytes: 4)
        var actions = [assembler.body([1]), assembler.header(bodySize: 1)]
        _ = assembler.method(deliver)
        actions.append(assembler.method(deliver))
        _ = assembler.method(deliver)
        actions.append(assembler.body([1]))
        _ = assembler.method(deliver)
        _ = assembler.header(bodySize: 1)
        actions.append(assembler.body([1, 2]))
        #expect(actions.allSatisfy { if case .violation = $0 { true } else { false } })
    }
}
