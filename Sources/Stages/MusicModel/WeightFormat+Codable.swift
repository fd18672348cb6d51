import TensorKernels

extension WeightFormat: Codable {}
