// What bench/transformer.py asks torch beside DJL's own calls: how many bytes tensors on the first GPU had at most.
//
// DJL's library has no such call. A machine whose torch is not 2.7.1 needs DJL's JNI library compiled anew anyway
// (sources: engines/pytorch/pytorch-native in DJL's repository, against that torch's headers); this file compiled
// into it as well lets Inkling's side say what torch.cuda.max_memory_allocated() says on the other side. Without it
// only nvidia-smi's figure is printed.
#include <c10/cuda/CUDACachingAllocator.h>
#include <cstdint>

extern "C" int64_t inkling_peak_allocated() {
  return c10::cuda::CUDACachingAllocator::getDeviceStats(0).allocated_bytes[0].peak;
}
