! A line on standard error that says how far a run is and how long it will still take: on a terminal rewritten in place a few
! times a second, elsewhere one every 15 seconds, so that logs stay short.
module run_progress
  use, intrinsic :: iso_fortran_env, only: dp => real64, int64, error_unit
  use run_files
  implicit none
  private
  public :: begin_progress, show_progress, seconds_since_start

  integer(int64) :: start = 0, shown = 0, rate = 1
  integer :: first = 0

contains

  subroutine begin_progress(step)
    integer, intent(in) :: step  ! that the run starts from

    call system_clock(start, rate)
    shown = start
    first = step
  end subroutine begin_progress

  subroutine show_progress(step, steps)
    integer, intent(in) :: step, steps  ! reached, and wanted
    integer(int64) :: now
    character(len=:), allocatable :: line
    logical :: terminal

    terminal = is_terminal()
    call system_clock(now)
    if (step < steps .and. real(now - shown, dp)/rate < merge(0.2_dp, 15.0_dp, terminal)) return
    shown = now
    line = 'step '//number_text(step)//'/'//number_text(steps)//'  '
    if (step < steps) then
      line = line//duration(seconds_since_start()/(step - first)*(steps - step))//' left'
    else
      line = line//'took '//duration(seconds_since_start())
    end if
    if (terminal) then
      write (error_unit, '(a)', advance=trim(merge('yes', 'no ', step >= steps))) char(13)//char(27)//'[2K'//line
    else
      write (error_unit, '(a)') line
    end if
    flush (error_unit)
  end subroutine show_progress

  real(dp) function seconds_since_start()
    integer(int64) :: now
    call system_clock(now)
    seconds_since_start = real(now - start, dp)/rate
  end function seconds_since_start

  ! 4.2 s, 42 s, 3 min 05 s, 2 h 10 min.
  function duration(seconds) result(text)
    real(dp), intent(in) :: seconds
    character(len=:), allocatable :: text
    character(len=40) :: buffer
    integer(int64) :: whole

    whole = nint(seconds, int64)
    if (seconds < 10) then
      write (buffer, '(f3.1,a)') seconds, ' s'
    else if (whole < 60) then
      write (buffer, '(i0,a)') whole, ' s'
    else if (whole < 3600) then
      write (buffer, '(i0,a,i2.2,a)') whole/60, ' min ', modulo(whole, 60_int64), ' s'
    else
      write (buffer, '(i0,a,i2.2,a)') whole/3600, ' h ', modulo(whole, 3600_int64)/60, ' min'
    end if
    text = trim(buffer)
  end function duration

end module run_progress
