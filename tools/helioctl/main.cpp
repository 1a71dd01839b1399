#include "tools/helioctl/command_line.h"

int main(int argc, char* argv[]) { return helio::ctl::run(argc, argv); }
