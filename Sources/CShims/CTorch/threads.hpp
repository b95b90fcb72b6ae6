#pragma once

namespace ctorch {

/// For the threads of this process that call the engine from now on.
void set_thread_count(int count);

/// The calling thread computes with as many threads as were set. To be called before each computation.
void prepare_thread();

} // namespace ctorch
