/// Why an image or a model could not be dealt with: cause, place, remedy. The disposition decides what happens.
package struct Failure: Error, Codable, Equatable, Sendable {
    package enum Code: String, Codable, CaseIterable, Sendable {
        // The image is to blame.
        case notAnImage = "not_an_image"
        case unsupportedImage = "unsupported_image"
        case damagedImage = "damaged_image"
        case truncatedImage = "truncated_image"
        case imageTooLarge = "image_too_large"
        case notARegularFile = "not_a_regular_file"
        case inputRejected = "input_rejected"
        case unknownTarget = "unknown_target"
        case gradientBlocked = "gradient_blocked"
        case badTensor = "bad_tensor"
        case decodeOverdue = "decode_overdue"
        // The moment is to blame.
        case unreadable = "unreadable"
        case diskFull = "disk_full"
        case inputOutput = "input_output"
        // The model is to blame.
        case modelUnreadable = "model_unreadable"
        case modelPickled = "model_pickled"
        case modelNotTorchScript = "model_not_torchscript"
        case modelUnsupported = "model_unsupported"
        case modelWithoutLayer = "model_without_layer"
        case precisionUnsupported = "precision_unsupported"
        case cardInvalid = "card_invalid"
        case modelNotTrusted = "model_not_trusted"
        // The settings are to blame.
        case settingsRefused = "settings_refused"
        // The worker is to blame.
        case workerCrashed = "worker_crashed"
        case workerOverdue = "worker_overdue"
        case workerMissing = "worker_missing"
        /// A picture that never fits would wait for ever: so it counts.
        case outOfMemory = "out_of_memory"
        case badRequest = "bad_request"
        case `internal` = "internal"
    }

    /// What happens to the image.
    package enum Disposition: String, Codable, Sendable {
        /// The image goes to `failed/`: the next attempt would end the same way.
        case permanent
        /// Wait and try again: costs neither the image nor an attempt.
        case transient
        /// Counts as an attempt; after the third the image goes to `failed/`.
        case crash
    }

    package var code: Code
    /// One sentence.
    package var message: String
    /// What the person can do; empty where nothing helps.
    package var remedy: String

    package init(_ code: Code, _ message: String, remedy: String = "") {
        self.code = code
        self.message = message
        self.remedy = remedy
    }

    package var disposition: Disposition {
        switch code {
        case .notAnImage, .unsupportedImage, .damagedImage, .truncatedImage, .imageTooLarge, .notARegularFile,
            .inputRejected, .unknownTarget, .gradientBlocked, .badTensor, .decodeOverdue, .badRequest:
            .permanent
        case .unreadable, .diskFull, .inputOutput, .modelUnreadable, .modelPickled,
            .modelNotTorchScript, .modelUnsupported, .modelWithoutLayer, .cardInvalid, .modelNotTrusted,
            .precisionUnsupported, .settingsRefused, .workerMissing:
            .transient
        case .workerCrashed, .workerOverdue, .outOfMemory, .internal:
            .crash
        }
    }

    /// Whether the worker that said so, or of which it is said, is gone or of no more use.
    package var endsWorker: Bool { disposition == .crash || code == .decodeOverdue }

    /// The status that `gradcam` and `gradcamd` exit with: as sysexits.h where it has a fitting one.
    package var exitStatus: Int32 {
        switch code {
        case .modelPickled: 3
        case .modelWithoutLayer, .gradientBlocked: 4
        case .badRequest, .unknownTarget: 64
        case .modelNotTorchScript, .modelUnsupported, .precisionUnsupported, .notAnImage, .unsupportedImage,
            .damagedImage,
            .truncatedImage, .imageTooLarge, .notARegularFile, .inputRejected, .badTensor, .decodeOverdue:
            65
        case .modelUnreadable, .unreadable: 66
        case .workerMissing: 69
        case .workerCrashed, .workerOverdue, .internal, .outOfMemory: 70
        case .diskFull, .inputOutput: 74
        case .modelNotTrusted: 77
        case .cardInvalid, .settingsRefused: 78
        }
    }
}

extension Failure: CustomStringConvertible {
    package var description: String { remedy.isEmpty ? message : "\(message) \(remedy)" }
}
