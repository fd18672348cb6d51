import COpenBLAS

extension Matrix {
    /// OpenBLAS is told once to stay on the calling thread.
    private static let oneThread: Void = mvfleet_blas_use_one_thread()

    /// The matrix product `self · other` (`rows × inner` times `inner × columns`), on OpenBLAS, one thread.
    public func multiplied(by other: Matrix) -> Matrix {
        precondition(columns == other.rows, "inner sizes differ: \(columns) and \(other.rows)")
        return product(other, transposingRight: false, columns: other.columns)
    }

    /// The product with the transpose of `other`, `self · otherᵀ` (`rows × inner` times `(columns × inner)ᵀ`).
    public func multiplied(byTransposeOf other: Matrix) -> Matrix {
        precondition(columns == other.columns, "inner sizes differ: \(columns) and \(other.columns)")
        return product(other, transposingRight: true, columns: other.rows)
    }

    private func product(_ other: Matrix, transposingRight: Bool, columns resultColumns: Int) -> Matrix {
        _ = Self.oneThread
        var result = Matrix(rows: rows, columns: resultColumns)
        guard rows > 0, columns > 0, resultColumns > 0 else { return result }
        // Invariant: each buffer holds rows × columns elements of its matrix (checked by every initialiser), and the
        // leading dimensions below are those column counts, so that BLAS stays inside all three.
        elements.withUnsafeBufferPointer { left in
            other.elements.withUnsafeBufferPointer { right in
                result.elements.withUnsafeMutableBufferPointer { output in
                    cblas_sgemm(
                        CblasRowMajor, CblasNoTrans, transposingRight ? CblasTrans : CblasNoTrans,
                        blasint(rows), blasint(resultColumns), blasint(columns),
                        1, left.baseAddress, blasint(columns), right.baseAddress, blasint(other.columns),
                        0, output.baseAddress, blasint(resultColumns))
                }
            }
        }
        return result
    }
}
