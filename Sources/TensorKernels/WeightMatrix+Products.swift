import CTensorKernels
import Dispatch

extension WeightMatrix {
    /// Below so many multiplications, telling other threads costs more than they save.
    private static let leastSharedWork = 1 << 20

    static func multiply(_ input: Activations, by matrices: [WeightMatrix], into outputs: [Activations], accumulate: Bool, threads: Int, instructions: InstructionSet) {
        precondition(!matrices.isEmpty && matrices.count == outputs.count, "an output for each layer")
        precondition(instructions.isAvailable, "this processor does not have \(instructions.rawValue)")
        let format = matrices[0].format, rows = input.rows
        for (matrix, output) in zip(matrices, outputs) {
            precondition(matrix.format == format, "layers that share activations share a format")
            precondition(input.columns == matrix.inputs && output.columns == matrix.outputs, "a layer of \(matrix.inputs) inputs and \(matrix.outputs) outputs")
            precondition(!accumulate || output.rows == rows, "what is added to has the input's rows")
            precondition(output !== input, "a product does not lie over its input")
            output.resize(rows: rows)
        }
        guard rows > 0 else { return }
        let packed = input.packingSpace(byteCount: tensor_activation_bytes(instructions.level, format.cFormat, rows, input.columns))
        let work = rows * input.columns * matrices.reduce(0) { $0 + $1.outputs }
        let task = ProductTask(format: format.cFormat, level: instructions.level, values: input.pointer, rows: rows, inputs: input.columns, packed: packed, accumulate: accumulate,
                               layers: zip(matrices, outputs).map { .init(weights: $0.packed.pointer, outputs: $0.outputs, result: $1.pointer) })
        // Invariant: the pointers are those of objects that outlive this call, which ends when all threads have; threads write to different outputs.
        withExtendedLifetime((input, matrices, outputs)) {
            guard threads > 1, work >= leastSharedWork else {
                task.pack(part: 0, of: 1)
                task.multiply(part: 0, of: 1)
                return
            }
            if rows > 8 { DispatchQueue.concurrentPerform(iterations: threads) { task.pack(part: $0, of: threads) } } else { task.pack(part: 0, of: 1) }
            DispatchQueue.concurrentPerform(iterations: threads) { task.multiply(part: $0, of: threads) }
        }
    }
}

/// What the threads of a product share. The pointers are valid while the product runs, and each part writes where no other does.
private struct ProductTask: @unchecked Sendable {
    struct Layer {
        let weights: UnsafeRawPointer
        let outputs: Int
        let result: UnsafeMutablePointer<Float>
    }

    let format: tensor_format
    let level: tensor_level
    let values: UnsafePointer<Float>
    let rows: Int
    let inputs: Int
    let packed: UnsafeMutableRawPointer
    let accumulate: Bool
    let layers: [Layer]

    func pack(part: Int, of parts: Int) {
        let tiles = tensor_activation_tiles(level, format, rows)
        tensor_pack_activations(level, format, values, inputs, rows, inputs, tiles * part / parts, tiles * (part + 1) / parts, packed)
    }

    func multiply(part: Int, of parts: Int) {
        let panel = tensor_panel_outputs
        for layer in layers {
            let panels = (layer.outputs + panel - 1) / panel
            tensor_multiply(level, format, layer.weights, layer.outputs, inputs, packed, rows, panels * part / parts, panels * (part + 1) / parts,
                            layer.result, layer.outputs, accumulate ? 1 : 0)
        }
    }
}
