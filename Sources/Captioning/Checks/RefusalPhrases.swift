/// What a model says instead of an answer.
package enum RefusalPhrases {
    private static let phrases = [
        "i'm sorry", "i am sorry", "i cannot", "i can't", "i can not", "i'm unable", "i am unable", "as an ai", "as a language model", "as an assistant",
        "i apologise", "i apologize", "cannot assist", "can't assist", "cannot help with", "unable to assist", "unable to provide", "unable to view",
        "cannot view", "can't view", "cannot see the image", "can't see the image", "no image was provided", "not able to see", "i don't have access",
        "i do not have access", "content policy", "here is the description", "here's the description", "sure, here", "certainly!", "lorem ipsum",
        "i won't be able", "i will not be able", "i'm not able to", "i am not able to", "unable to process", "unable to fulfill", "unable to comply",
        "cannot comply", "can't comply", "cannot fulfill", "can't fulfill", "my guidelines", "against my programming", "as requested", "as instructed",
        "per your instructions", "the provided image", "the provided frame", "in the given image", "based on the image provided", "the image you",
        "ignore the above", "ignore previous", "ignore all previous", "system prompt", "my instructions", "previous instructions", "data block", "the json",
    ]

    private static let folded = phrases.map { Array($0.utf8) }

    package static func first(in text: String) -> String? {
        var bytes: [UInt8] = []
        for scalar in text.lowercased().unicodeScalars { bytes += String(scalar == "’" ? "'" : scalar).utf8 }
        return zip(phrases, folded).first { contains(bytes, $1) }?.0
    }

    private static func contains(_ text: [UInt8], _ phrase: [UInt8]) -> Bool {
        guard text.count >= phrase.count else { return false }
        return (0...(text.count - phrase.count)).contains { text[$0] == phrase[0] && text[$0..<($0 + phrase.count)].elementsEqual(phrase) }
    }
}
