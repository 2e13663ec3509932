#ifndef ML_CEXPAT_H
#define ML_CEXPAT_H

#include <expat.h>

#endif
