#include <seiche_reference.h>
